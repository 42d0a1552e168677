"""From the bytes of image files to pixels, and what they show."""
