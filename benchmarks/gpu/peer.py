"""The same work by diffusers' Wan, through the pipeline: three steps without guidance, on the same weights."""

from benchmarks.gpu import weights
from benchmarks.gpu.pipeline import measure


def main() -> None:
    measure("peer", {}, engine="wan", model=weights.SLOW, params={"steps": 3, "guidance": 1.0})


if __name__ == "__main__":
    main()
