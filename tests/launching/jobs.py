"""Jobs whose ops say where they run, and end as they are told to."""

import os
import signal
import sys
import time

import dagster as dg


class How(dg.Config):
    seconds: float = 0
    """How long the op goes on."""
    megabytes: int = 0
    """How much memory it takes first."""
    kill: bool = False
    """Whether it ends its own process at last."""
    deaf: bool = False
    """Whether it ignores being asked to end."""


def _do(context: dg.OpExecutionContext, config: How) -> None:
    context.log.info(f"here: {os.environ.get('PLACE', 'local')}, GPUs {os.environ.get('NVIDIA_VISIBLE_DEVICES', '-')}")
    print("working", file=sys.stderr, flush=True)
    if config.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    held = [bytearray(os.urandom(1 << 20)) for _ in range(config.megabytes)]
    time.sleep(config.seconds)
    if config.kill:
        os.kill(os.getpid(), signal.SIGQUIT)
    del held


@dg.op
def light(context: dg.OpExecutionContext, config: How) -> int:
    _do(context, config)
    return 1


@dg.op(tags={"ttv/accelerator": "cuda"}, pool="gpu")
def heavy(context: dg.OpExecutionContext, config: How) -> int:
    _do(context, config)
    return 1


@dg.op(tags={"ttv/accelerator": "cuda"}, pool="gpu", ins={"after": dg.In(int)})
def heavy_after(context: dg.OpExecutionContext, after: int) -> None:
    context.log.info(f"here: {os.environ.get('PLACE', 'local')}")


@dg.op(tags={"ttv/accelerator": "tpu"})
def elsewhere() -> None:
    """Asks for what no route has."""


@dg.job
def light_job() -> None:
    light()


@dg.job
def heavy_job() -> None:
    heavy()


@dg.job
def mixed_job() -> None:
    heavy_after(light())


@dg.job
def elsewhere_job() -> None:
    elsewhere()


defs = dg.Definitions(
    jobs=[light_job, heavy_job, mixed_job, elsewhere_job],
    executor=dg.in_process_executor,
)
