"""Runs' logs as JSON lines, each with its run, set and shot."""

import json
import logging
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Any

from ttv_dagster.assets.progress import ProgressLine
from ttv_dagster.settings import Settings


class JsonLines(logging.Formatter):
    """Formats records as one JSON object per line."""

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


class JsonLog(logging.Handler):
    """Appends the log of every run to the file of TTV_JSON_LOG_FILE; `dagster.yaml` names it."""

    def __init__(self) -> None:
        super().__init__()
        path = Settings().json_log_file
        self._file = WatchedFileHandler(path, encoding="utf-8", delay=True) if path else None
        if self._file is not None:
            self._file.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        """Append the record, if there is a file."""
        if self._file is not None:
            self._file.emit(record)
