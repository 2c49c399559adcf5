"""Audio prepared by ffmpeg, as child processes that are bounded, watched and never left behind."""
