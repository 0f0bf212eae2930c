"""One thread for matrix products.

OpenBLAS, which numpy brings, waits for its threads by spinning: on a machine that has something
else to do, the products of a few hundred rows here took six times as long with two threads as with
one (November 2026, two cores, load 7).
"""

from contextlib import AbstractContextManager, nullcontext


def one_thread() -> AbstractContextManager[object]:
    """Products inside use one thread, where threadpoolctl is installed."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
