#!/bin/sh
# Runs once before the services, at every start: who may write into the inbox, the database's tables, and how many renders
# run at a time.
set -eu

as_ttv() { setpriv --reuid ttv --regid ttv --init-groups "$@"; }
export HOME=/home/ttv

# The inbox is a folder of the host. Where it belongs to another user than the images', it gets their group: its owner and
# the sensor may both write into it.
inbox=/var/lib/ttv/inbox
if ! as_ttv test -w "${inbox}"; then
    chgrp ttv "${inbox}"
    chmod g+rwx "${inbox}"
fi

as_ttv dagster instance migrate

renders=1
if [ -n "${TTV_GPUS}" ]; then
    renders=$(echo "${TTV_GPUS}" | tr ';' '\n' | wc -l)
fi
as_ttv dagster instance concurrency set gpu "${renders}"
