# Two images of one installation:
#   app     webserver, daemon, code server and reaper: no torch, no CUDA
#   render  what runs on a GPU; `docker run --gpus all IMAGE` tests it
# Both have the package under /opt/ttv and the data under /var/lib/ttv, as the same user. docs/deploy.md says how to use them.

ARG APP_BASE=python:3.12-slim-bookworm
# The packages bring CUDA 13 themselves, and want a driver from 580 on. Of this base they use the compiler.
ARG RENDER_BASE=nvidia/cuda:12.9.0-devel-ubuntu24.04

FROM ${APP_BASE} AS uv
ARG UV_VERSION=0.13.9
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /uv && /uv/bin/pip install --quiet uv==${UV_VERSION}


FROM ${APP_BASE} AS app
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ARG UID=1000
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -qq && apt-get install -qq --no-install-recommends ca-certificates tini >/dev/null
RUN useradd --non-unique --uid "${UID}" --user-group --create-home ttv \
    && install -d -o ttv -g ttv /workspace /var/lib/ttv /var/lib/ttv/cache /var/lib/ttv/dagster /var/lib/ttv/media \
        /var/lib/ttv/weights
ENV PATH=/opt/ttv/bin:$PATH \
    PYTHONPATH=/opt/ttv/source \
    PYTHONUNBUFFERED=1 \
    DAGSTER_HOME=/var/lib/ttv/dagster \
    TTV_HOME=/var/lib/ttv \
    HF_HOME=/var/lib/ttv/weights
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=uv,source=/uv,target=/uv \
    --mount=type=bind,source=requirements,target=/tmp/requirements \
    /uv/bin/uv venv --quiet --python python3 /opt/ttv \
    && UV_LINK_MODE=copy /uv/bin/uv pip install --quiet --compile-bytecode --python /opt/ttv/bin/python \
        --no-deps --require-hashes -r /tmp/requirements/docker.txt
RUN --mount=type=bind,target=/tmp/ttv \
    --mount=type=bind,from=uv,source=/uv,target=/uv \
    /uv/bin/uv pip install --quiet --compile-bytecode --python /opt/ttv/bin/python \
        --no-cache --no-deps --no-build-isolation /tmp/ttv /tmp/ttv/illustrations
COPY examples /workspace/examples
WORKDIR /workspace
USER ${UID}
# In a home elsewhere: what an image has in a volume's place is copied by every container that starts on the empty volume,
# and two that do so at once fail.
RUN python -c "import ttv_dagster.definitions, ttv_dagster.launching, dagster_docker, dagster_postgres" \
    && TTV_HOME=/tmp/doctor ttv doctor && rm -rf /tmp/doctor
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ttv_dagster app" \
      org.opencontainers.image.description="Webserver, daemon and code server of ttv_dagster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENTRYPOINT ["tini", "--"]
CMD ["ttv", "doctor"]


FROM ${RENDER_BASE} AS render
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ARG UID=1000
ARG PYTHON=3.12
# Triton compiles against the headers of Python, with gcc, while a model runs.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    export DEBIAN_FRONTEND=noninteractive \
    && apt-get update -qq && apt-get install -qq --no-install-recommends \
        ca-certificates curl gcc git htop libc6-dev nvtop tini tree "python${PYTHON}" "python${PYTHON}-dev" >/dev/null
RUN useradd --non-unique --uid "${UID}" --user-group --create-home ttv \
    && install -d -o ttv -g ttv /workspace /var/lib/ttv /var/lib/ttv/cache /var/lib/ttv/dagster /var/lib/ttv/media \
        /var/lib/ttv/weights
ENV PATH=/opt/ttv/bin:$PATH \
    PYTHONPATH=/opt/ttv/source \
    PYTHONUNBUFFERED=1 \
    DAGSTER_HOME=/var/lib/ttv/dagster \
    TTV_HOME=/var/lib/ttv \
    HF_HOME=/var/lib/ttv/weights \
    TORCHINDUCTOR_CACHE_DIR=/var/lib/ttv/cache/torchinductor \
    TRITON_CACHE_DIR=/var/lib/ttv/cache/triton
# Elsewhere than on a Linux machine with CUDA, other packages stand in for these: REQUIREMENTS names them.
ARG REQUIREMENTS=gpu.txt
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=uv,source=/uv,target=/uv \
    --mount=type=bind,source=requirements,target=/tmp/requirements \
    /uv/bin/uv venv --quiet --python "python${PYTHON}" /opt/ttv \
    && UV_LINK_MODE=copy /uv/bin/uv pip install --quiet --compile-bytecode --python /opt/ttv/bin/python \
        --no-deps --require-hashes -r "/tmp/requirements/${REQUIREMENTS}"
RUN --mount=type=bind,target=/tmp/ttv \
    --mount=type=bind,from=uv,source=/uv,target=/uv \
    /uv/bin/uv pip install --quiet --compile-bytecode --python /opt/ttv/bin/python \
        --no-cache --no-deps --no-build-isolation /tmp/ttv /tmp/ttv/illustrations
COPY examples /workspace/examples
WORKDIR /workspace
USER ${UID}
ARG IMPORTS="torch, torchvision, diffusers, transformers, fastvideo"
RUN python -c "import ttv_dagster.definitions, dagster_docker, dagster_postgres, ${IMPORTS}" \
    && TTV_HOME=/tmp/doctor TTV_ACCELERATOR=none ttv doctor && rm -rf /tmp/doctor
# The weights of a model are kept on a volume, and in the image only where this names one (docs/deploy.md).
ARG BAKE_MODEL=
RUN if [ -n "${BAKE_MODEL}" ]; then ttv weights pull "${BAKE_MODEL}"; fi
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ttv_dagster render" \
      org.opencontainers.image.description="Engines of ttv_dagster with CUDA" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENTRYPOINT ["tini", "--"]
CMD ["ttv", "selftest"]
