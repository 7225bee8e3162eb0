"""The port `AudioFiles`: reading and writing in threads of their own, so that no answer waits for a codec."""

import asyncio
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Event

from antiphon.audio.files import FileFormat
from antiphon.stores.media.reading import decoded
from antiphon.stores.media.writing import Writer, whole_file, writer

# A file of two hours is 230 MB of samples.
_NUM_READERS = 2
_NUM_WRITERS = 2


class MediaFiles:
    """Reads and writes with FFmpeg."""

    def __init__(self) -> None:
        self._readers = ThreadPoolExecutor(_NUM_READERS, thread_name_prefix="audio-reader")
        self._writers = ThreadPoolExecutor(_NUM_WRITERS, thread_name_prefix="audio-writer")

    async def decode(self, data: bytes, rate_hz: int) -> bytes:
        """Return the first sound of a file as samples; see `AudioFiles.decode`."""
        is_abandoned = Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, decoded, data, rate_hz, is_abandoned)
        finally:
            is_abandoned.set()

    def encoder(self, file_format: FileFormat) -> "_Encoder":
        """Return a new encoder of one file."""
        return _Encoder(file_format, self._writers)

    async def encode(self, file_format: FileFormat, samples: bytes) -> bytes:
        """Return samples as a whole file."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, whole_file, file_format, samples)

    def close(self) -> None:
        """Let go of the threads."""
        for threads in (self._readers, self._writers):
            threads.shutdown(wait=False, cancel_futures=True)


class _Encoder:
    """One writer, each step of it in a thread."""

    def __init__(self, file_format: FileFormat, threads: Executor) -> None:
        self._file_format: FileFormat = file_format
        self._threads = threads
        self._writer: Writer | None = None

    async def feed(self, samples: bytes) -> bytes:
        """Return what is ready of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._feed, samples)

    async def finish(self) -> bytes:
        """Return the rest of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._finish)

    def _feed(self, samples: bytes) -> bytes:
        return self._opened().feed(samples)

    def _finish(self) -> bytes:
        return self._opened().finish()

    def _opened(self) -> Writer:
        if self._writer is None:
            self._writer = writer(self._file_format)
        return self._writer
