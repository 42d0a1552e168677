"""What drift scores look at, and how: the words that records of monitoring have for it."""

from typing import Literal

Family = Literal["image statistics", "predictions", "embeddings"]
"""What a score looks at."""

Method = Literal["wasserstein", "jensenshannon", "mmd"]
"""How it compares: numbers, labels, embeddings."""
