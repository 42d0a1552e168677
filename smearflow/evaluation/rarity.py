"""From when on a class is rare."""

RARE = 0.1  # of the cells: a share of all of them then says little of the class
