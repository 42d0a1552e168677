"""The plain script that tuning articles show: a directory loader, Keras Tuner, ten short trials.

    python -m benchmarks.article --images <folder> --module <module> --size 224 --result <file>

`benchmarks.search` times it beside this project's own search. Nothing in it is slower than such
scripts are: images are decoded once and kept, and the module is fine-tuned as a layer of Keras. The
folder has a folder `train`, `validation` and `test` of a folder per class each. Searches, trains
what won on three seeds, and writes seconds and accuracies as JSON.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import keras_tuner

from smearflow.ground.files import write_json
from smearflow.model.backbone import HubBackbone
from smearflow.model.quiet import keras, tf

TRIALS, EPOCHS, BATCH = 10, 10, 32
SEEDS = (1, 2, 3)


class Images(NamedTuple):
    """Batches of images [batch, size, size, 3], 0..255, and classes [batch]."""

    train: tf.data.Dataset
    validation: tf.data.Dataset
    test: tf.data.Dataset


def main(arguments: list[str] | None = None) -> None:
    """Search, train the best, write what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.article", description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--module", type=Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--result", type=Path, required=True)
    options = parser.parse_args(arguments)

    def build(values: keras_tuner.HyperParameters) -> keras.Model:
        return network(values, options.module, options.size)

    images = load(options.images, options.size)
    started = time.perf_counter()
    best = search(build, images)
    searched = time.perf_counter() - started
    accuracies = [retrain(build, best, images, seed) for seed in SEEDS]
    found = {"seconds": searched, "best": best.values, "accuracies": accuracies}
    write_json(options.result, found)


def load(folder: Path, size: int) -> Images:
    """The three sides, decoded as they are first read."""
    sides = [
        keras.utils.image_dataset_from_directory(
            folder / side,
            image_size=(size, size),
            batch_size=BATCH,
            shuffle=side == "train",
            seed=1,
            verbose=False,
        )
        .cache()
        .prefetch(tf.data.AUTOTUNE)
        for side in Images._fields
    ]
    return Images(*sides)


def network(values: keras_tuner.HyperParameters, module: Path, size: int) -> keras.Model:
    """The pretrained network with a new head, to be fine-tuned."""
    pixels = keras.Input((size, size, 3))
    turned = keras.layers.RandomFlip()(pixels)
    features = HubBackbone(module).features(keras.layers.Rescaling(1 / 255)(turned))
    units = values.Int("units", 16, 256, sampling="log")
    hidden = keras.layers.Dense(units, activation="relu")(features)
    kept = keras.layers.Dropout(values.Float("dropout", 0.0, 0.5))(hidden)
    model = keras.Model(pixels, keras.layers.Dense(2, activation="softmax")(kept))
    rate = values.Float("learning_rate", 1e-5, 1e-2, sampling="log")
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def search(build: Any, images: Images) -> keras_tuner.HyperParameters:
    """The best of the trials by their validation accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.BayesianOptimization(
            build, objective="val_accuracy", max_trials=TRIALS, seed=1, directory=folder
        )
        tuner.search(images.train, validation_data=images.validation, epochs=EPOCHS, verbose=0)
        return tuner.get_best_hyperparameters()[0]


def retrain(build: Any, best: keras_tuner.HyperParameters, images: Images, seed: int) -> float:
    """The accuracy on the test side of the best configuration, trained anew."""
    keras.utils.set_random_seed(seed)
    model = build(best)
    model.fit(images.train, epochs=EPOCHS, verbose=0)
    return float(model.evaluate(images.test, verbose=0, return_dict=True)["accuracy"])


if __name__ == "__main__":
    main()
