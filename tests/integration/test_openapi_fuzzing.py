"""Requests that the OpenAPI document allows, and many that it does not: none is answered with a failure of ours."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode

MODEL = "antiphon-scripted"
MAX_EXAMPLES = 40


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_is_answered_with_a_failure_of_ours(served: str, mode: GenerationMode):
    """Right and wrong ones, for every operation; half of them go to a model that is there, to get past its name."""
    document = schemathesis.openapi.from_url(f"{served}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 8
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue  # nothing can be wrong with it

        @settings(max_examples=MAX_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            if isinstance(case.body, dict) and len(str(case.body)) % 2:
                case.body["model"] = MODEL
            case.validate_response(case.call(timeout=30), checks=[not_a_server_error])

        ask()
