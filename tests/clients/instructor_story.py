"""instructor reads answers into types, by tools and by a strict schema."""

import instructor
from openai import OpenAI
from pydantic import BaseModel


class Person(BaseModel):
    """A person."""

    name: str
    age: int


for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA):
    client = instructor.from_openai(OpenAI(), mode=mode)
    person = client.chat.completions.create(
        model="gpt-4o",
        response_model=Person,
        messages=[{"role": "user", "content": "Ann is 34 years old."}],
        max_tokens=64,
        temperature=0,
        max_retries=0,
    )
    assert isinstance(person, Person), mode
