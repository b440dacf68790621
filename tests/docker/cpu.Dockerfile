# The render image with FastVideo on a CPU, where there is no CUDA: the packages that the tests run on, beside a CPU build
# of torch that lies in this build's folder.
ARG RENDER
ARG UV
FROM ${UV} AS uv
FROM ${RENDER}
USER root
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=uv,source=/uv,target=/uv \
    --mount=type=bind,target=/packages \
    export UV_LINK_MODE=copy \
    && /uv/bin/uv pip install --quiet --no-deps --python /opt/ttv/bin/python /packages/*.whl \
    && /uv/bin/uv pip install --quiet --no-deps --python /opt/ttv/bin/python --require-hashes -r /packages/dev.txt
USER 1000
