"""Who speaks, and until when: from frames of 32 ms to signs, with nothing but arithmetic.

The machine keeps one `detector.TurnDetector` for as long as a session's turn detection stays as it is, and one
`playback.Playback`. For each frame of 512 samples (16 kHz) of the user's audio, in order, once:

    heard = hear(samples)                                  # frames: level and spectrum
    signs = detector.feed(heard, probability, playback.level_at(at_ms))

`probability` is what `ports.VoiceActivity` says of the frame, `at_ms` the instant at which the frame was said. What
is sent to the client goes to `playback.sent`, what an interruption discards is told with `playback.cut`. Of the signs
(`signs`), `TurnQuestioned` wants the judge of turns asked; its answer goes to `detector.judged`.

This package must never know an engine, a clock other than the input's samples, or what the words are.
"""
