"""The pipeline with the transformer compiled: its first clip of a size compiles, which takes a minute or more."""

from benchmarks.gpu.pipeline import measure


def main() -> None:
    measure("compiled", {"TTV_FASTVIDEO_COMPILE": "true"})


if __name__ == "__main__":
    main()
