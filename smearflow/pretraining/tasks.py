"""What the network is asked while it is pre-trained, and how wrong its answers are.

Each task needs something else of the same features: naming (what is true of the cell), measuring
(how blurred it is, how pale, how strongly stained a parasite), placing (where parasites are, on
coarse maps) and recognising (the same cell in two random views).
"""

from smearflow.model.quiet import keras, tf
from smearflow.pretraining.material import MEASURES, NAMES
from smearflow.pretraining.recipe import Recipe

# Layers of MobileNetV3-Small at an eighth and a sixteenth of the image's side.
_MAPS = ("expanded_conv_2_add", "expanded_conv_7_add")
_NAME_WEIGHTS = (1.0, *[0.15] * (len(NAMES) - 1))  # infected, and all the rest
_PROJECTED = 256  # numbers that two views of a cell should agree in
_DECORRELATION = 5e-3  # lambda of Zbontar et al. 2021


def build_network(recipe: Recipe) -> keras.Model:
    """MobileNetV3-Small with fresh weights: pixels [n, None, None, 3] in [0, 1] to features [n, D].

    Weights are drawn from Keras' global seed.
    """
    network = keras.applications.MobileNetV3Small(
        input_shape=(None, None, 3),
        minimalistic=recipe.minimalistic,
        include_top=False,
        include_preprocessing=False,
        pooling="avg",
        weights=None,
    )
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.99  # 0.999 remembers a thousand steps: too many of a few thousand
    return network


def with_heads(network: keras.Model) -> keras.Model:
    """The network with a small head per task.

    Returns:
        A model from the network's input to a dictionary: names [n, len(NAMES)] and places (one per
        map, [n, h, w, 1]) as logits, measures [n, len(MEASURES)], projection [n, 256].
    """
    features = network.output
    hidden = keras.layers.Dense(512, use_bias=False, name="projection_hidden")(features)
    hidden = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.99)(hidden))
    answers = {
        # linear, so that what is asked can be read off the features by a plane
        "names": keras.layers.Dense(len(NAMES), name="names")(features),
        "measures": keras.layers.Dense(len(MEASURES), name="measures")(features),
        "places": [
            keras.layers.Conv2D(1, 1, name=f"places_{index}")(network.get_layer(name).output)
            for index, name in enumerate(_MAPS)
        ],
        "projection": keras.layers.Dense(_PROJECTED, name="projection")(hidden),
    }
    return keras.Model(network.input, answers)


def losses(
    answers: dict[str, tf.Tensor], names: tf.Tensor, measures: tf.Tensor, marks: tf.Tensor
) -> dict[str, tf.Tensor]:
    """The loss of each task, a scalar each, not yet weighted.

    Args:
        answers: of `with_heads`, to two views of n cells: all first views, then all second ones.
        names: [2 n, len(NAMES)], 0 or 1.
        measures: [2 n, len(MEASURES)], standardised.
        marks: share of parasite, [2 n, size / 4, size / 4, 1].
    """
    named = tf.nn.sigmoid_cross_entropy_with_logits(names, answers["names"])
    return {
        "names": tf.reduce_mean(named @ tf.constant(_NAME_WEIGHTS)[:, None]),
        "measures": tf.reduce_mean((answers["measures"] - measures) ** 2),
        "places": tf.add_n([_places_loss(marks, places) for places in answers["places"]]),
        "views": views_loss(*tf.split(answers["projection"], 2)),
    }


def _places_loss(marks: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    step = marks.shape[1] // places.shape[1]
    # a quarter of a square is as good as all of it: parasites are small
    wanted = tf.minimum(4 * tf.nn.avg_pool2d(marks, step, step, "VALID"), 1.0)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(wanted, places))


def views_loss(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Barlow Twins (Zbontar et al. 2021, arXiv:2103.03230) per number of the projection.

    Each number should be the same in both views of a cell and unlike every other number; 0 is best.

    Args:
        first: projections of one view of each cell, [n, D]; `second` of the other.
    """
    ours, theirs = _standardised(first), _standardised(second)
    correlation = tf.matmul(ours, theirs, transpose_a=True) / tf.cast(tf.shape(ours)[0], tf.float32)
    same = tf.linalg.diag_part(correlation)
    others = tf.reduce_sum(correlation**2) - tf.reduce_sum(same**2)
    total = tf.reduce_sum((1 - same) ** 2) + _DECORRELATION * others
    return total / tf.cast(tf.shape(first)[1], tf.float32)


def _standardised(values: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(values, axes=[0])
    return (values - mean) * tf.math.rsqrt(variance + 1e-4)
