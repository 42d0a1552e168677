"""Plans of training runs, and what identifies one."""
