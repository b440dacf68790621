"""Runs' logs as JSON lines, each with its run, set and shot."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from ttv_dagster.assets.progress import ProgressLine


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        message = str(meta.get("orig_message") or record.getMessage())
        prompt_set = (meta.get("job_tags") or {}).get("dagster/partition")
        at = ProgressLine.parse(message)
        shot = at.label if at else None
        if shot and "/" in shot:  # A run of several sets names them with their shots.
            prompt_set, _, shot = shot.partition("/")
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "run": meta.get("run_id"),
            "job": meta.get("job_name"),
            "step": meta.get("step_key"),
            "set": prompt_set,
            "shot": shot,
            "message": message,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@dg.logger(config_schema={"log_level": dg.Field(str, default_value="INFO", is_required=False)})
def json_lines(context: dg.InitLoggerContext) -> logging.Logger:
    """Writes the log of a run to stderr as JSON lines."""
    logger = logging.Logger("ttv", level=context.logger_config["log_level"])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    return logger
