"""LangChain chats, streams, calls a tool and reads an answer into a type."""

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class City(BaseModel):
    """A city and how many people live there."""

    name: str
    population: int


@tool
def weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"It is sunny in {city}."


model = ChatOpenAI(model="gpt-4o", max_tokens=64, temperature=0)

answer = model.invoke("Say hello.")
assert answer.content
assert answer.usage_metadata["output_tokens"] > 0

chunks = list(model.stream("Count from one to five."))
assert len([chunk for chunk in chunks if chunk.content]) > 1

asked = model.bind_tools([weather], tool_choice="weather").invoke("What is the weather in Paris?")
assert [call["name"] for call in asked.tool_calls] == ["weather"]
assert isinstance(asked.tool_calls[0]["args"]["city"], str)

city = model.with_structured_output(City, method="json_schema", strict=True).invoke("Paris has 2 million people.")
assert isinstance(city, City)

# Without its own count, which wants OpenAI's vocabulary from the network and sends the tokens of that.
embeddings = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False)
vectors = embeddings.embed_documents(["one", "two"])
assert len(vectors) == 2
assert len(vectors[0]) == len(vectors[1]) > 0
