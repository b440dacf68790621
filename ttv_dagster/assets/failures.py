"""Why a run failed, in the words of whoever noticed."""

import dagster as dg


def why_it_failed(instance: dg.DagsterInstance, run_id: str) -> str:
    """What the first failed step said, or else what ended the run."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
    for record in instance.get_records_for_run(run_id, of_type=kinds).records:
        event = record.event_log_entry.dagster_event
        if event is None:
            continue
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return str(data.user_failure_data.description)
            if data.error:
                cause = data.error.cause or data.error
                return f"{event.step_key}: {cause.message.strip()}"
        if event.message:
            return str(event.message)
    return "the run failed; its log in the UI says why"
