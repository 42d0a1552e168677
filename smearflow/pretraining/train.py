"""The training loop: from a recipe and its cells to a network with the weights it learned."""

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from smearflow.ground.errors import SmearflowError
from smearflow.model.quiet import keras, tf
from smearflow.pretraining.augment import Views
from smearflow.pretraining.material import Material
from smearflow.pretraining.recipe import Recipe
from smearflow.pretraining.tasks import build_network, losses, with_heads

SAY_EVERY = 100  # steps

Losses = dict[str, tf.Tensor]


def pretrain(recipe: Recipe, material: Material, say: Callable[[str], None]) -> keras.Model:
    """Train a fresh network on all tasks at once.

    The same recipe and cells give the same weights on a machine with the same number of cores: the
    order of sums depends on it. Sets the global seeds of Keras and Python: no other thread
    may draw from them meanwhile.

    Args:
        say: gets a line of losses and speed now and then.

    Returns:
        The network without the heads of the tasks, as `tasks.build_network` describes it.

    Raises:
        SmearflowError: a loss ceased to be finite.
    """
    keras.utils.set_random_seed(recipe.seed)
    tf.config.experimental.enable_op_determinism()
    network = build_network(recipe)
    step = _step(with_heads(network), recipe)
    started = time.perf_counter()
    for number, rows in enumerate(_rows(recipe, len(material.pixels)), start=1):
        size = recipe.sizes[(number - 1) * len(recipe.sizes) // recipe.steps]
        found = step(
            material.pixels[rows],
            material.marks[rows],
            material.names[rows],
            material.measures[rows],
            size,
        )
        if number % SAY_EVERY == 0 or number == recipe.steps:
            seconds = time.perf_counter() - started
            say(f"step {number} of {recipe.steps}, {seconds:.0f} s: {_described(found)}")
    return network


def _step(model: keras.Model, recipe: Recipe) -> Callable[..., Losses]:
    """One step of the optimizer as a tf.function, traced once per size."""
    views = Views(recipe.seed)
    optimizer = _optimizer(recipe)
    optimizer.build(model.trainable_variables)
    weights = {
        "names": 1.0,
        "measures": recipe.measures,
        "places": recipe.places,
        "views": recipe.views,
    }

    @tf.function
    def step(
        pixels: tf.Tensor, marks: tf.Tensor, names: tf.Tensor, measures: tf.Tensor, size: int
    ) -> Losses:
        seen, seen_marks = views(tf.concat([pixels, pixels], 0), tf.concat([marks, marks], 0), size)
        names, measures = tf.concat([names, names], 0), tf.concat([measures, measures], 0)
        with tf.GradientTape() as tape:
            found = losses(model(seen, training=True), names, measures, seen_marks)
            total = tf.add_n([weights[task] * loss for task, loss in found.items()])
        gradients = tape.gradient(total, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return found

    return step


def _optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    warmup = max(1, recipe.steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, recipe.steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _rows(recipe: Recipe, cells: int) -> Iterator[npt.NDArray[np.intp]]:
    """The cells of each step: all of them in a new order, again and again."""
    random = np.random.default_rng(recipe.seed)
    waiting = np.empty(0, np.intp)
    for _ in range(recipe.steps):
        while len(waiting) < recipe.pairs:
            waiting = np.concatenate([waiting, random.permutation(cells)])
        yield waiting[: recipe.pairs]
        waiting = waiting[recipe.pairs :]


def _described(found: Losses) -> str:
    values = {task: float(loss) for task, loss in found.items()}
    if not all(math.isfinite(value) for value in values.values()):
        raise SmearflowError("a loss ceased to be finite", "lower the recipe's learning_rate")
    return ", ".join(f"{task} {value:.3f}" for task, value in values.items())
