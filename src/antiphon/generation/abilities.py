"""What a request asks for, held against what an engine can do: each wish is met, or refused in words.

The rules that hold for any engine come first, then those that depend on its profile.
"""

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.generation.profile import EngineProfile
from antiphon.wire.chat.messages import AssistantMessage, UserMessage
from antiphon.wire.chat.request import (
    AllowedTools,
    ChatRequest,
    CustomTool,
    FunctionTool,
    NamedCustom,
    NamedFunction,
)


def check_request(request: ChatRequest) -> None:
    """Check the rules between fields that hold for every model. Raises `InvalidRequest`."""
    if request.web_search_options is not None:
        raise UnsupportedRequest("Web search is not supported by this server.", param="web_search_options")
    if request.moderation is not None:
        raise UnsupportedRequest("Moderation of answers is not supported by this server.", param="moderation")
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        raise InvalidRequest(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported. "
            "Use 'max_completion_tokens'.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )
    if request.stream_options is not None and not request.stream:
        raise InvalidRequest(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    if request.top_logprobs is not None and not request.logprobs:
        raise InvalidRequest(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs"
        )
    _check_tools(request)


def check_abilities(request: ChatRequest, profile: EngineProfile) -> None:
    """Check that the engine can do all that is asked. Raises `InvalidRequest` that names the field."""
    _check_content(request, profile)
    _check_output(request, profile)
    _check_sampling(request, profile)


def _check_tools(request: ChatRequest) -> None:
    if request.functions is not None and request.tools is not None:
        raise InvalidRequest("'functions' and 'tools' cannot be given together: use 'tools'.", param="functions")
    if request.function_call is not None and request.functions is None:
        raise _only_with("function_call", "functions")
    for name in ("tool_choice", "parallel_tool_calls"):
        if getattr(request, name) is not None and request.tools is None:
            raise _only_with(name, "tools")
    for place, tool in enumerate(request.tools or ()):
        if isinstance(tool, CustomTool):
            raise UnsupportedRequest(
                "Custom tools are not supported by this server: give the tool as a function.",
                param=f"tools[{place}].type",
            )
    _check_tool_choice(request)


def _check_tool_choice(request: ChatRequest) -> None:
    offered = {tool.function.name for tool in request.tools or () if isinstance(tool, FunctionTool)}
    choice = request.tool_choice
    if isinstance(choice, NamedCustom):
        raise UnsupportedRequest("Custom tools are not supported by this server.", param="tool_choice")
    if isinstance(choice, NamedFunction) and choice.function.name not in offered:
        raise _not_offered(choice.function.name, "tool_choice")
    if isinstance(choice, AllowedTools):
        for tool in choice.allowed_tools.tools:
            if tool.function.name not in offered:
                raise _not_offered(tool.function.name, "tool_choice")
    named = request.function_call
    if named is not None and not isinstance(named, str):
        functions = {function.name for function in request.functions or ()}
        if named.name not in functions:
            raise _not_offered(named.name, "function_call")


def _check_content(request: ChatRequest, profile: EngineProfile) -> None:
    taken = {"image_url": profile.takes_images, "input_audio": profile.takes_audio, "file": profile.takes_files}
    for place, message in enumerate(request.messages):
        if isinstance(message, AssistantMessage) and message.audio is not None and not profile.speaks:
            raise UnsupportedRequest("This model has no spoken answers to refer to.", param=f"messages.[{place}].audio")
        if not isinstance(message, UserMessage) or isinstance(message.content, str):
            continue
        for part_place, part in enumerate(message.content):
            if not taken.get(part.type, True):
                raise InvalidRequest(
                    f"Invalid content type. {part.type} is only supported by certain models.",
                    param=f"messages.[{place}].content.[{part_place}].type",
                )


def _check_output(request: ChatRequest, profile: EngineProfile) -> None:
    wants_audio = "audio" in (request.modalities or ())
    if (wants_audio or request.audio is not None) and not profile.speaks:
        raise UnsupportedRequest(f"The model `{request.model}` does not answer in audio.", param="modalities")
    if wants_audio and request.audio is None:
        raise InvalidRequest("'audio' is required when 'modalities' has \"audio\".", param="audio")
    if (request.tools or request.functions) and not profile.calls_tools:
        raise UnsupportedRequest(f"The model `{request.model}` does not call tools.", param="tools")
    wants_json = request.response_format is not None and request.response_format.type != "text"
    if wants_json and not profile.fits_schemas:
        raise UnsupportedRequest(
            f"The model `{request.model}` does not answer in JSON of a schema.", param="response_format"
        )
    if request.n is not None and request.n > profile.max_choices:
        raise UnsupportedRequest(f"This model gives at most {profile.max_choices} choices.", param="n")


def _check_sampling(request: ChatRequest, profile: EngineProfile) -> None:
    unable = f"is not supported by the model `{request.model}`"
    if request.logprobs and profile.max_top_logprobs == 0:
        raise UnsupportedRequest(f"'logprobs' {unable}.", param="logprobs")
    if (request.top_logprobs or 0) > profile.max_top_logprobs:
        raise UnsupportedRequest(f"'top_logprobs' over {profile.max_top_logprobs} {unable}.", param="top_logprobs")
    if request.logit_bias and not profile.biases_logits:
        raise UnsupportedRequest(f"'logit_bias' {unable}.", param="logit_bias")
    if request.prediction is not None and not profile.predicts_outputs:
        raise UnsupportedRequest(f"'prediction' {unable}.", param="prediction")
    if request.reasoning_effort not in {None, "none"} and not profile.reasons:
        raise UnsupportedRequest(f"'reasoning_effort' {unable}.", param="reasoning_effort")
    if request.verbosity not in {None, "medium"} and not profile.varies_verbosity:
        raise UnsupportedRequest(f"'verbosity' other than 'medium' {unable}.", param="verbosity")


def _only_with(name: str, other: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid value for '{name}': '{name}' is only allowed when '{other}' are specified.", param=name
    )


def _not_offered(name: str, param: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid value for '{param}': no function named '{name}' was given with the request.", param=param
    )
