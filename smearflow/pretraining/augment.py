"""Random views of cells, made in TensorFlow's graph: other places, turns, stains, lights, focus."""

import math

from smearflow.model.quiet import tf


class Views:
    """Draws random views of a batch of cells; the same ones for the same seed.

    Args:
        seed: of all that is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._random = tf.random.Generator.from_seed(seed)

    def __call__(
        self, pixels: tf.Tensor, marks: tf.Tensor, size: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """A view of each cell.

        Args:
            pixels: uint8 [n, S, S, 3].
            marks: uint8 [n, M, M, 1], about the same squares.
            size: pixels a side of the view.

        Returns:
            float32 in [0, 1]: pixels [n, size, size, 3], marks [n, size / 4, size / 4, 1].
        """
        placing = self._placing(tf.shape(pixels)[0])
        seen = _project(tf.cast(pixels, tf.float32) / 255, placing, size)
        seen = self._stain(self._focus(seen))
        return self._grain(seen), _project(tf.cast(marks, tf.float32) / 255, placing, size // 4)

    def _uniform(self, shape: tuple[object, ...], low: float, high: float) -> tf.Tensor:
        return self._random.uniform(shape, low, high)

    def _placing(self, count: tf.Tensor) -> tf.Tensor:
        """From places in a view to places in the image, both in [-1, 1]; [n, 2, 3]."""
        angle = self._uniform((count,), 0, 2 * math.pi)
        zoom = tf.exp(self._uniform((count,), -0.3, 0.2))
        stretch = tf.exp(self._uniform((count,), -0.15, 0.15))
        side = tf.sign(self._uniform((count,), -1, 1))
        shift = self._uniform((count, 2), -0.12, 0.12)
        cos, sin = tf.cos(angle), tf.sin(angle)
        across, down = zoom * stretch * side, zoom / stretch
        rows = [[cos * across, -sin * down, shift[:, 0]], [sin * across, cos * down, shift[:, 1]]]
        return tf.transpose(tf.convert_to_tensor(rows), (2, 0, 1))

    def _focus(self, pixels: tf.Tensor) -> tf.Tensor:
        """Sharper to blurred: away from or towards the mean of each pixel's neighbourhood."""
        for _ in range(2):
            amount = self._uniform((tf.shape(pixels)[0], 1, 1, 1), -0.4, 1)
            pixels += amount * (tf.nn.avg_pool2d(pixels, 3, 1, "SAME") - pixels)
        return tf.clip_by_value(pixels, 0, 1)

    def _stain(self, pixels: tf.Tensor) -> tf.Tensor:
        """Mix and scale the optical densities, then change the light and its slope.

        Stains add up in optical density (Ruifrok & Johnston 2001); black stays black.
        """
        count, size = tf.shape(pixels)[0], tf.shape(pixels)[1]
        density = -tf.math.log(tf.maximum(pixels, 1 / 256))
        gains = tf.exp(self._random.normal((count, 1, 3), 0, 0.15))
        mixing = tf.eye(3) * gains + self._random.normal((count, 3, 3), 0, 0.05)
        flat = tf.reshape(density, (count, -1, 3)) @ mixing
        light = tf.exp(self._random.normal((count, 1, 1, 3), 0, 0.08))
        place = tf.linspace(-1.0, 1.0, size)
        slope = self._random.normal((2, count, 1, 1, 1), 0, 0.06)
        light *= 1 + slope[0] * place[:, None, None] + slope[1] * place[:, None]
        return tf.exp(-tf.reshape(flat, tf.shape(pixels))) * light

    def _grain(self, pixels: tf.Tensor) -> tf.Tensor:
        """Noise of the camera, on the cell alone."""
        shape = tf.shape(pixels)
        grain = self._random.normal(tf.concat([shape[:3], [1]], 0))
        amount = self._uniform((shape[0], 1, 1, 1), 0, 0.04)
        return tf.clip_by_value(pixels * (1 + amount * grain), 0, 1)


def _project(images: tf.Tensor, placing: tf.Tensor, size: int) -> tf.Tensor:
    """Look at images [n, S, S, c] through a placing [n, 2, 3]; [n, size, size, c]."""
    middle = (tf.cast(tf.shape(images)[1], tf.float32) - 1) / 2
    own_middle = (tf.cast(size, tf.float32) - 1) / 2
    turn = placing[:, :, :2] * (middle / own_middle)
    shift = placing[:, :, 2] * middle + middle - own_middle * tf.reduce_sum(turn, axis=2)
    affine = tf.reshape(tf.concat([turn, shift[:, :, None]], 2), (-1, 6))
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.concat([affine, tf.zeros((tf.shape(affine)[0], 2))], 1),
        output_shape=tf.stack([size, size]),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
