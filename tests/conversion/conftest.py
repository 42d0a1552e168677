"""The function whose conversion the tests of devices run, too."""

from tests.edge.conftest import expected, float32_model, pixels, serve

__all__ = ["expected", "float32_model", "pixels", "serve"]
