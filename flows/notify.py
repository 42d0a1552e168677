"""People told by Prefect's notification blocks: webhooks, mail, chats."""

from collections.abc import Sequence

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block

from smearflow.ground.errors import first_line


def notify(blocks: Sequence[str], subject: str, body: str) -> None:
    """Tell whoever a block reaches; where that fails, a warning says so, and the others are told.

    Args:
        blocks: `<type>/<name>` of blocks on the Prefect server, as in custom-webhook/laboratory.
    """
    for name in blocks:
        try:
            block = Block.load(name)
            if not isinstance(block, NotificationBlock):
                raise TypeError(f"a block {type(block).__name__} tells nobody anything")
            block.notify(body, subject)  # type: ignore[unused-coroutine]  # it waits by itself
        except Exception as error:  # whatever a block of anybody's does, the verdict stands
            print(
                f"warning: nobody was told by {name} ({first_line(error)}): look at the block in "
                "the Prefect UI (make ui), or correct alerts.blocks",
                flush=True,
            )
