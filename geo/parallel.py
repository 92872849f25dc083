"""Work in parallel processes, results in order, nothing lost when a process dies.

The work is a function of one frozen piece of context, the same for all tasks, and of a batch of
items. The context travels as bytes and is opened once in each process, so the same code runs here,
in processes of this machine, and on a cluster.
"""

import multiprocessing
import pickle
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Generic, TypeVar

__all__ = ["LostBatch", "count_processors", "map_in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Context = TypeVar("Context")

_AHEAD: Final = 2
"""Batches each process has waiting, so that none is idle while results are collected."""

_HELD: Final = 256
"""Batches whose results may wait for an earlier one; a bound on memory."""

_TRIES: Final = 3
"""How often a batch is given out when the process that had it died."""


@dataclass(frozen=True)
class LostBatch(Generic[Item]):
    """A batch that no process survived: its items, and what is known of the reason."""

    items: tuple[Item, ...]
    message: str


@dataclass(eq=False)
class _Batch(Generic[Item]):
    items: tuple[Item, ...]
    future: "Future[Any] | None" = None
    tries: int = 0


def count_processors() -> int:
    """Return how many processors this machine has.

    Returns
    -------
    int
        At least 1.
    """
    return multiprocessing.cpu_count()


_INHERITED: Final[dict[bytes, Any]] = {}
"""Contexts that a forked process finds in place, by a short name."""


@lru_cache(maxsize=2)
def _open_context(packed: bytes) -> Any:  # noqa: ANN401
    return pickle.loads(packed)


def _work(function: Callable[[Any, Any], Any], packed: bytes, items: object) -> Any:  # noqa: ANN401
    known = _INHERITED.get(packed)
    return function(_open_context(packed) if known is None else known, items)


def map_in_order(
    function: Callable[[Context, tuple[Item, ...]], Result],
    context: Context,
    items: Iterable[Item],
    *,
    batch: int,
    workers: int = 1,
    executor: Executor | None = None,
) -> Iterator[Result | LostBatch[Item]]:
    """Apply a function to batches of items and yield the results in order.

    Parameters
    ----------
    function
        Takes the context and a tuple of items; found by its name in a module, so that another
        process can find it too.
    context
        Anything that can be pickled. Each process opens it once and keeps it between batches: what
        it caches in itself lasts.
    items
        Taken lazily: only a bounded number is held at a time.
    batch
        Items in a batch.
    workers
        Processes that work, this one included. With 1 nothing is started.
    executor
        Does the work instead of processes of this machine; ``workers`` is then how many batches it
        works on at a time. Whoever passes it shuts it down.

    Returns
    -------
    iterator of Result or LostBatch
        One for each batch. A batch is lost when every process it was given to died.

    Raises
    ------
    ValueError
        ``batch`` or ``workers`` is less than 1.

    Notes
    -----
    Processes are forked after the first batch, and have what it prepared, where that is safe: on
    Linux, while no other thread runs, whose locks a fork would inherit. Otherwise they are
    spawned, which takes most of a second. What the function raises is raised here; catch it in the
    function where one item must not stop the rest.

    Examples
    --------
    >>> def scale(factor, numbers):
    ...     return [factor * number for number in numbers]
    >>> list(map_in_order(scale, 7, range(5), batch=2))
    [[0, 7], [14, 21], [28]]
    """
    if batch < 1 or workers < 1:
        raise ValueError(f"expected at least 1 for batch and workers, {batch} and {workers} came")
    batches = _batches(items, batch)
    if executor is None and workers == 1:
        return (function(context, given.items) for given in batches)
    crew = _Crew(function, pickle.dumps(context, protocol=pickle.HIGHEST_PROTOCOL))
    if executor is not None:
        return crew.delegate(batches, executor, workers)
    return crew.share(batches, context, workers)


def _batches(items: Iterable[Item], size: int) -> Iterator[_Batch[Item]]:
    source = iter(items)
    while chosen := tuple(islice(source, size)):
        yield _Batch(chosen)


@dataclass(eq=False)
class _Crew:
    """Gives out batches and collects what comes back."""

    function: Callable[..., Any]
    packed: bytes
    waiting: deque[_Batch[Any]] = field(default_factory=deque)
    sent: bytes = b""

    def delegate(
        self, batches: Iterator[_Batch[Any]], executor: Executor, workers: int
    ) -> Iterator[Any]:
        """Let somebody else do all the work."""
        self.sent = self.packed
        for given in batches:
            self._submit(given, executor)
            while len(self.waiting) >= _AHEAD * workers:
                yield self._collect(self.waiting.popleft())
        while self.waiting:
            yield self._collect(self.waiting.popleft())

    def share(self, batches: Iterator[_Batch[Any]], context: object, workers: int) -> Iterator[Any]:
        """Work here too, while other processes do; replace them when they die."""
        for given in islice(batches, 1):
            yield self.function(context, given.items)
        pool = self._start(workers - 1, context)
        try:
            for given in batches:
                if self._unfinished() < _AHEAD * (workers - 1):
                    pool = self._submit_or_restart(given, pool, workers)
                else:
                    given.future = Future()
                    given.future.set_result(self.function(context, given.items))
                    self.waiting.append(given)
                while self.waiting and (_is_done(self.waiting[0]) or len(self.waiting) > _HELD):
                    pool, result = self._collect_or_restart(pool, workers)
                    yield result
            while self.waiting:
                pool, result = self._collect_or_restart(pool, workers)
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            _INHERITED.pop(self.name, None)

    @property
    def name(self) -> bytes:
        """What a forked process knows the context by."""
        return b"%d" % id(self)

    def _start(self, processes: int, context: object = None) -> ProcessPoolExecutor:
        """Start processes: by a fork if there is a context to inherit and that is safe."""
        fork = context is not None and sys.platform == "linux" and threading.active_count() == 1
        if fork:
            _INHERITED[self.name] = context
        self.sent = self.name if fork else self.packed
        way = multiprocessing.get_context("fork" if fork else "spawn")
        return ProcessPoolExecutor(processes, mp_context=way)

    def _submit(self, given: _Batch[Any], executor: Executor) -> None:
        given.future = executor.submit(_work, self.function, self.sent, given.items)
        given.tries += 1
        self.waiting.append(given)

    def _unfinished(self) -> int:
        return sum(not _is_done(given) for given in self.waiting)

    def _submit_or_restart(
        self, given: _Batch[Any], pool: ProcessPoolExecutor, workers: int
    ) -> ProcessPoolExecutor:
        try:
            self._submit(given, pool)
        except BrokenExecutor:
            pool = self._restart(pool, workers)
            self._submit(given, pool)
        return pool

    def _collect_or_restart(
        self, pool: ProcessPoolExecutor, workers: int
    ) -> tuple[ProcessPoolExecutor, Any]:
        """Return the next result; when its process died, give it out again, alone."""
        given = self.waiting.popleft()
        while True:
            try:
                return pool, self._result(given)
            except BrokenExecutor as error:
                if given.tries >= _TRIES:
                    return pool, LostBatch(given.items, _describe(error))
                # The culprit is not known: try this batch with nothing else under way.
                pool = self._restart(pool, workers, alone=given)

    def _restart(
        self, pool: ProcessPoolExecutor, workers: int, *, alone: _Batch[Any] | None = None
    ) -> ProcessPoolExecutor:
        pool.shutdown(wait=True, cancel_futures=True)
        pool = self._start(workers - 1)
        if alone is not None:
            alone.future = pool.submit(_work, self.function, self.sent, alone.items)
            alone.tries += 1
            alone.future.exception()  # waits
            if isinstance(alone.future.exception(), BrokenExecutor):
                return pool  # broken again: the next call replaces it
        for given in self.waiting:
            if _was_lost(given):
                given.future = pool.submit(_work, self.function, self.sent, given.items)
        return pool

    def _collect(self, given: _Batch[Any]) -> Any:  # noqa: ANN401
        try:
            return self._result(given)
        except BrokenExecutor as error:
            return LostBatch(given.items, _describe(error))

    def _result(self, given: _Batch[Any]) -> Any:  # noqa: ANN401
        if given.future is None or given.future.cancelled():
            raise BrokenExecutor
        return given.future.result()


def _is_done(given: _Batch[Any]) -> bool:
    return given.future is not None and given.future.done()


def _was_lost(given: _Batch[Any]) -> bool:
    future = given.future
    if future is None or not future.done():
        return True
    return future.cancelled() or isinstance(future.exception(), BrokenExecutor)


def _describe(error: BaseException) -> str:
    return f"the process died, {_TRIES} times ({error})" if str(error) else "the process died"
