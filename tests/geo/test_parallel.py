"""Work shared with other processes comes back in order and whole, whoever dies."""

import os
import signal
import sys
import threading
import time
from itertools import chain
from pathlib import Path

import pytest

from geo.parallel import LostBatch, count_processors, map_in_order


def flat(batches):
    return list(chain.from_iterable(batches))


def double(context, items):
    return [context * item for item in items]


def who(context, items):
    time.sleep(0.02)
    return os.getpid()


def die_at(context, items):
    """Die at one item, unless it is the process that must not."""
    parent, item = context
    if item in items and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return list(items)


def die_once(context, items):
    """Die once, in another process than the first: a file remembers."""
    parent, marker = context
    if os.getpid() != parent and not Path(marker).exists():
        Path(marker).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return list(items)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers):
    found = list(map_in_order(double, 3, iter(range(100)), batch=7, workers=workers))
    assert flat(found) == [3 * item for item in range(100)]
    assert [len(batch) for batch in found] == [7] * 14 + [2]


def test_this_process_works_too_and_so_does_another():
    found = list(map_in_order(who, None, range(150), batch=1, workers=2))
    assert len(set(found)) == 2
    assert os.getpid() in found


def test_items_are_taken_when_they_are_needed():
    taken = []

    def items():
        for item in range(1000):
            taken.append(item)
            yield item

    results = map_in_order(double, 1, items(), batch=2)
    assert next(results) == [0, 1]
    assert len(taken) == 2


@pytest.mark.slow
def test_a_process_that_dies_is_replaced(tmp_path):
    context = (os.getpid(), str(tmp_path / "died"))
    found = list(map_in_order(die_once, context, range(40), batch=2, workers=2))
    assert flat(found) == list(range(40))
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_a_batch_that_nobody_survives_is_reported_and_the_rest_goes_on():
    context = (os.getpid(), 2)
    found = list(map_in_order(die_at, context, range(12), batch=2, workers=2))
    lost = [batch for batch in found if isinstance(batch, LostBatch)]
    assert [batch.items for batch in lost] == [(2, 3)]
    assert "died" in lost[0].message
    rest = flat(batch for batch in found if not isinstance(batch, LostBatch))
    assert rest == [0, 1, *range(4, 12)]


def prepare(context, items):
    """Tell who prepared the context; whoever finds it unprepared does."""
    time.sleep(0.02)
    return os.getpid(), context.setdefault("prepared by", os.getpid())


@pytest.mark.skipif(sys.platform != "linux", reason="forks where that is safe")
def test_other_processes_inherit_what_the_first_batch_prepared_unless_threads_run():
    here = os.getpid()
    found = list(map_in_order(prepare, {}, range(60), batch=1, workers=2))
    assert len({who for who, _ in found}) == 2
    if threading.active_count() == 1:
        assert {by for _, by in found} == {here}
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        found = list(map_in_order(prepare, {}, range(150), batch=1, workers=2))
    finally:
        stop.set()
        thread.join()
    assert all(who == by for who, by in found)


@pytest.mark.parametrize(("batch", "workers"), [(0, 1), (1, 0)])
def test_nonsense_is_refused(batch, workers):
    with pytest.raises(ValueError, match="at least 1"):
        map_in_order(double, 1, [], batch=batch, workers=workers)


def test_processors_are_counted():
    assert count_processors() >= 1
