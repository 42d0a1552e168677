"""How many trials Hyperband makes (Li et al. 2018, J Mach Learn Res 18(185):1-52)."""

import math

FACTOR = 3  # of trials one in so many goes on, with so many times the epochs


def hyperband_trials(epochs: int) -> int:
    """Trials of all brackets where each completes: a configuration counts at each length anew.

    Args:
        epochs: of a trial that goes all the way.
    """
    last = math.ceil(1 + math.log(epochs, FACTOR))  # that end the bracket without halving
    brackets = int(math.log(epochs, FACTOR) + 1e-9) + 1
    return sum(
        math.ceil(last / (bracket + 1) * FACTOR ** (bracket - step))
        for bracket in range(brackets)
        for step in range(bracket + 1)
    )
