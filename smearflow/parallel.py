"""The same work on many images: over processes, in order, with flat memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from smearflow.processes import end_with_parent

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK = 64  # items a process gets at a time
FEW = 512  # so many are done before the processes have started


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], count: int
) -> Iterator[Result]:
    """`map(function, items)` over all cores; the results do not depend on their number.

    Items are drawn only a few chunks ahead of the results, so that memory stays flat however
    many there are.

    Args:
        function: of a module's top level, because it is sent to other processes.
        items: any iterable; they and the results are pickled.
        count: about how many items there are; few are worked on in this process.
    """
    if count <= FEW:
        yield from map(function, items)
        return
    workers = os.cpu_count() or 1
    source = iter(items)
    waiting: deque[Future[list[Result]]] = deque()
    # spawn: a fork of a process in which TensorFlow's threads run can hang
    with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent) as pool:
        while chunk := list(islice(source, CHUNK)):
            waiting.append(pool.submit(_apply, function, chunk))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _apply(function: Callable[[Item], Result], chunk: list[Item]) -> list[Result]:
    return [function(item) for item in chunk]
