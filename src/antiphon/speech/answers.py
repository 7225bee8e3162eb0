"""A transcript in each of the forms of `/v1/audio/transcriptions`."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from antiphon.speech.languages import language_name
from antiphon.speech.metering import heard_tokens, text_tokens
from antiphon.speech.subtitles import srt, vtt
from antiphon.speech.transcript import Transcript
from antiphon.wire.audio.transcriptions import (
    DurationUsage,
    HeardLanguage,
    HeardTokens,
    HeardTokensDetails,
    PlainTranscript,
    TranscribedSegment,
    TranscribedWord,
    Transcription,
    TranscriptionForm,
    TranslationForm,
    VerboseTranscription,
)

# Money, shares and degrees are part of what is said; other marks around a word are not.
_AROUND_WORDS = re.compile(r"^[^\w$€£¥#@+-]+|[^\w€£¥%°]+$")


@dataclass(frozen=True, slots=True)
class Told:
    """What was asked, what was heard, and how long the audio is."""

    form: TranscriptionForm | TranslationForm
    transcript: Transcript
    seconds: float

    @property
    def languages(self) -> list[HeardLanguage] | UnsetType:
        """The languages, which OpenAI's newest models alone tell."""
        tells = self.form.model.startswith("gpt-transcribe")
        return [HeardLanguage(self.transcript.language)] if tells else UNSET


def plain(told: Told) -> PlainTranscript:
    """Return text, or subtitles."""
    match told.form.response_format:
        case "srt":
            return PlainTranscript(srt(told.transcript.segments))
        case "vtt":
            return PlainTranscript(vtt(told.transcript.segments))
        case _:
            return PlainTranscript(told.transcript.text + "\n")


def whole(told: Told) -> Transcription:
    """Return the words, and what they cost: the names of OpenAI's Whisper are paid by duration, others by tokens."""
    if isinstance(told.form, TranslationForm):
        return Transcription(text=told.transcript.text)
    usage = token_usage(told) if "transcribe" in told.form.model else _duration(told)
    return Transcription(text=told.transcript.text, languages=told.languages, usage=usage)


def verbose(told: Told) -> VerboseTranscription:
    """Return the words with the times that were asked for: those of segments, where nothing was."""
    form, transcript = told.form, told.transcript
    is_translation = isinstance(form, TranslationForm)
    wanted = ["segment"] if isinstance(form, TranslationForm) else form.timestamp_granularities or ["segment"]
    return VerboseTranscription(
        task="translate" if is_translation else "transcribe",
        language="english" if is_translation else language_name(transcript.language),
        duration=round(told.seconds, 3),
        text=transcript.text,
        words=list(_words(transcript)) if "word" in wanted else UNSET,
        segments=list(_segments(transcript, form.temperature)) if "segment" in wanted else UNSET,
        usage=UNSET if is_translation else _duration(told),
    )


def token_usage(told: Told) -> HeardTokens:
    """Return the tokens of the audio and the prompt, and of the words."""
    audio_tokens, prompt_tokens = heard_tokens(told.seconds), text_tokens(told.form.prompt or "")
    output_tokens = told.transcript.num_tokens or text_tokens(told.transcript.text)
    return HeardTokens(
        input_tokens=audio_tokens + prompt_tokens,
        input_token_details=HeardTokensDetails(text_tokens=prompt_tokens, audio_tokens=audio_tokens),
        output_tokens=output_tokens,
        total_tokens=audio_tokens + prompt_tokens + output_tokens,
    )


def _duration(told: Told) -> DurationUsage:
    return DurationUsage(seconds=math.ceil(told.seconds))


def _words(transcript: Transcript) -> Iterator[TranscribedWord]:
    for word in transcript.words:
        text = _AROUND_WORDS.sub("", word.text)
        if any(letter.isalnum() for letter in text):
            yield TranscribedWord(word=text, start=round(word.start_ms / 1000, 3), end=round(word.end_ms / 1000, 3))


def _segments(transcript: Transcript, temperature: float) -> Iterator[TranscribedSegment]:
    for number, segment in enumerate(transcript.segments):
        yield TranscribedSegment(
            id=number,
            seek=round(segment.start_ms / 10),  # in frames of Whisper's, of which a second has a hundred
            start=round(segment.start_ms / 1000, 3),
            end=round(segment.end_ms / 1000, 3),
            text=segment.text,
            tokens=list(segment.tokens),
            temperature=temperature,
            avg_logprob=segment.mean_logprob,
            compression_ratio=segment.compression_ratio,
            no_speech_prob=segment.no_speech_probability,
        )
