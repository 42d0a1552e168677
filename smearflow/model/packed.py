"""All trained weights as two vectors, so that a step updates two variables instead of a hundred.

Tracing a step writes down the operations of every update, a third of the seconds that it takes.
"""

from collections.abc import Sequence

import numpy as np

from smearflow.model.quiet import keras, tf


class PackedWeights:
    """Copies of weights in vectors that an optimizer updates; element by element the same numbers.

    Args:
        weights: those that are trained.

    Attributes:
        kernels: of the weights with two dimensions or more, which may decay.
        others: of biases, and what else has one.
    """

    def __init__(self, weights: Sequence[keras.Variable]) -> None:
        self._weights = weights
        self._groups = [
            [place for place, weight in enumerate(weights) if (len(weight.shape) > 1) == kernel]
            for kernel in (True, False)
        ]
        self.kernels, self.others = (
            keras.Variable(np.zeros(sum(self._sizes(group)), np.float32)) for group in self._groups
        )

    @property
    def vectors(self) -> list[keras.Variable]:
        """Both."""
        return [self.kernels, self.others]

    def gather(self) -> None:
        """Take over the weights as they are now: before the first step of a run."""
        for vector, group in zip(self.vectors, self._groups, strict=True):
            vector.assign(_joined([self._weights[place].value for place in group]))

    def pack(self, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Gradients of the weights as those of the vectors."""
        return [_joined([gradients[place] for place in group]) for group in self._groups]

    def scatter(self) -> None:
        """Set the weights to what is in the vectors."""
        for vector, group in zip(self.vectors, self._groups, strict=True):
            parts = tf.split(vector.value, self._sizes(group))
            for place, part in zip(group, parts, strict=True):
                weight = self._weights[place]
                weight.assign(tf.reshape(part, weight.shape))

    def _sizes(self, group: Sequence[int]) -> list[int]:
        return [int(np.prod(self._weights[place].shape)) for place in group]


def _joined(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(each, [-1]) for each in tensors], 0)
