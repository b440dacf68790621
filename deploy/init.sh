#!/bin/sh
# Runs once before the services, at every start: the database's tables, and how many renders run at a time.
set -eu

dagster instance migrate

renders=1
if [ -n "${TTV_CARDS}" ]; then
    renders=$(echo "${TTV_CARDS}" | tr ';' '\n' | wc -l)
fi
dagster instance concurrency set gpu "${renders}"
