"""pydantic-ai runs an agent that answers in text, and one that has to answer in a type."""

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel


class City(BaseModel):
    """A city and the country that it is in."""

    name: str
    country: str


model = OpenAIChatModel("gpt-4o")
settings = {"max_tokens": 64, "temperature": 0.0}

told = Agent(model, model_settings=settings).run_sync("Say hello.")
assert told.output
assert told.usage.output_tokens > 0

through_a_tool = Agent(model, output_type=City, model_settings=settings).run_sync("Paris is the capital of France.")
assert isinstance(through_a_tool.output, City)

native = Agent(model, output_type=NativeOutput(City), model_settings=settings).run_sync("Rome is in Italy.")
assert isinstance(native.output, City)
