"""Worker processes that never outlive the process that started them."""

import os
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """End this worker of multiprocessing when its parent ends, however that ends.

    Left alone, a worker of an executor waits for ever: it holds both ends of its queue.
    """
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
