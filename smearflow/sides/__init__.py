"""The packed sides of the split, as whoever trains or measures reads them."""
