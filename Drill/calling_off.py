"""A run that is called off, or fails in several places, ends in order: what was started is stopped."""

import asyncio
import signal


def call_off_on_signals():
    """Cancels the current task on Ctrl-C and its like."""
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Once: what follows is the cleaning up.
        asyncio.get_running_loop().add_signal_handler(number, lambda: task.cancelling() or task.cancel())


def leaves(group):
    """The errors of a group and of the groups in it."""
    for error in group.exceptions:
        yield from leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
