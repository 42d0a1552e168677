"""All pictures, drawn from what stages left: `every.draw_pictures`."""
