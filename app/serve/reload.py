"""Reload the data while the server runs: completely, or not at all."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from starlette.types import Receive, Scope, Send

from app.main import Service
from geo.errors import SettlementError

__all__ = ["Reloadable"]

_LOGGER = logging.getLogger("point21")
_WARM_SECONDS: Final = 60.0


class Reloadable:
    """Serves through one application until another has loaded the data anew.

    Parameters
    ----------
    first
        The application to begin with.
    make
        Makes another that reads the data afresh; raises a :class:`SettlementError` when they
        cannot be used.
    retire_seconds
        How long requests that began with the former application may take.

    Notes
    -----
    A request is answered by one application from beginning to end, and each holds one state of the
    data, so nobody reads a mixture. The next one takes over when its first answers are made.
    """

    def __init__(
        self, first: Service, make: Callable[[], Service], *, retire_seconds: float
    ) -> None:
        self.current = first
        self._make = make
        self._retire_seconds = retire_seconds
        self._alone = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._retiring: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or begin and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.current(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._stack = await self._begin(self.current)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._retiring:
            task.cancel()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _begin(self, app: Service) -> AsyncExitStack:
        stack = AsyncExitStack()
        await stack.enter_async_context(app.router.lifespan_context(app))
        return stack

    async def reload(self) -> bool:
        """Read the data anew and go on with them; with the former ones when they cannot be used.

        Returns
        -------
        bool
            Whether the data that were read are served now.
        """
        async with self._alone:
            version = self.current.state.catalogue.dataset.files_version
            try:
                following = await asyncio.to_thread(self._make)
                stack = await self._begin(following)
            except (SettlementError, OSError) as error:
                _LOGGER.error("data not taken over, version %s goes on: %s", version, error)
                return False
            await _until_ready(following)
            former, self.current = (self.current, self._stack), following
            self._stack = stack
            task = asyncio.create_task(self._retire(*former))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
            fresh = following.state.catalogue.dataset.files_version
            _LOGGER.info("files version %s takes over from %s", fresh, version)
            return True

    async def _retire(self, app: Service, stack: AsyncExitStack) -> None:
        """Let requests that have begun end, then put the former application away."""
        app.state.standing.draining = self.current.state.standing.draining
        try:
            await asyncio.sleep(self._retire_seconds)
        finally:
            await stack.aclose()


async def _until_ready(app: Service) -> None:
    """Wait for the first answers, so that no reader has to; not for ever."""
    for _ in range(int(_WARM_SECONDS / 0.05)):
        if app.state.standing.ready:
            return
        await asyncio.sleep(0.05)
