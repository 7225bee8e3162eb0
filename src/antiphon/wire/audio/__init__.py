"""`/v1/audio`: speech, transcriptions and translations, as they are asked for and answered."""
