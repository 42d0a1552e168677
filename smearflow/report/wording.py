"""What the words of an exploration mean, in a phrase each."""

PARAMETERS = {
    "optimizer": "the rule that turns an error into a correction of the weights",
    "learning_rate": "how large each correction is",
    "momentum": "how much of the last correction is carried into the next",
    "weight_decay": "how strongly weights are pulled towards zero",
    "gradient_clip": "the largest correction allowed; larger ones are cut down to it",
    "label_smoothing": "how much doubt is mixed into the labels",
    "hidden_units": "width of the layer between backbone and answer",
    "hidden_activation": "the bend in that layer; linear is none",
    "dropout": "share of features left out at random in each training step",
    "trainable": "which layers of the backbone, the pretrained part, are trained",
    "augment": "cells are also shown turned and mirrored",
    "stain_jitter": "how much the stain is varied at random",
    "brightness_jitter": "how much the light is varied at random",
    "ground_paint": "share of cells shown on another ground than they were cut out on",
    "batch_size": "cells looked at before each correction",
    "epochs": "passes over the training cells, at most",
    "schedule": "how the learning rate falls: on plateaus, or as a cosine over all epochs",
    "warmup_steps": "steps over which the learning rate rises at first",
    "early_stopping_patience": "passes without progress after which training stops",
    "plateau_factor": "by what the learning rate is multiplied when progress stops",
    "plateau_patience": "passes without progress after which the learning rate falls",
}

# Of `smearflow.model.curves.diagnose`, without the epoch that some of them name.
CURVES = {
    "diverged": "training blew up: a loss without end, or far worse than guessing",
    "exploding": "a loss or a gradient shot up on the way, even if it came back",
    "stagnated": "learned next to nothing",
    "training loss rising": "ended clearly worse on its own training cells than it had been",
    "overfitting": "learned its cells by heart: ever better on them, worse on new ones",
    "loss rising while accuracy still rises": "more cells right, but too sure of the wrong ones",
    "noisy late": "still jumped up and down in the second half",
    "still improving": "was at its best when it stopped: more epochs would help",
    "saturated": "was done by half-time: fewer epochs would do",
    "healthy": "nothing to complain of",
}

_ADVICE = {
    "diverged": "lower the learning rate",
    "exploding": "lower the learning rate, or clip the gradients",
    "stagnated": "raise the learning rate, or train more layers",
    "training loss rising": "look for a bug, or lower the learning rate",
    "loss rising while accuracy still rises": "more epochs and more patience",
    "overfitting": "regularise more, or stop earlier",
    "noisy late": "let the learning rate fall earlier, or take larger batches",
    "still improving": "more epochs",
    "saturated": "fewer epochs are enough",
    "healthy": "nothing to change",
}


def advice(label: str) -> str:
    """What to do about a label of `diagnose`, in one short phrase."""
    return next(phrase for start, phrase in _ADVICE.items() if label.startswith(start))
