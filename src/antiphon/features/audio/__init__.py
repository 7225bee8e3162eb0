"""Speech over HTTP: texts to files, files to texts, and chats that are heard and spoken.

The parts share how a text is spoken clause by clause and how a file is heard. They must never know a codec, an engine
or HTTP.
"""
