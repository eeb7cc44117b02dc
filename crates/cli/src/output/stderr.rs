//! Stderr, written by its own thread: a stalled reader must not block the program. A bounded number of bytes waits for
//! it; a line beyond them is dropped as a whole, and counted.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::people::plain;

/// Cap on bytes that wait: about a thousand lines of the log.
const CAP: usize = 256 * 1024;
/// Pause before a retry on a stream that another process has made non-blocking.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// `None` where no thread could be started: then each line is written by its caller.
static STDERR: LazyLock<Option<Lines>> = LazyLock::new(|| Lines::start(io::stderr(), warn_of_dropped).ok());

static HAS_LOG: AtomicBool = AtomicBool::new(false);

/// Queues a line with its newline, and returns at once.
pub(super) fn say(line: &[u8]) {
    match &*STDERR {
        Some(lines) => lines.push(line),
        // If stderr is gone, nobody can be told.
        None => drop(io::stderr().write_all(line)),
    }
}

/// Writes a note beside the report.
pub(crate) fn aside(line: &str) {
    say(format!("weifen: {}\n", plain(line)).as_bytes());
}

/// Sends warnings to the log from now on.
pub(super) fn a_log_is_kept() {
    HAS_LOG.store(true, Ordering::Relaxed);
}

/// Warns in the log, or beside the report if there is no log.
pub(super) fn warn(text: &str) {
    if HAS_LOG.load(Ordering::Relaxed) {
        tracing::warn!("{text}");
    } else {
        aside(text);
    }
}

/// Reports dropped lines: a log with a gap must not look complete.
fn warn_of_dropped(lines: u64) {
    warn(&format!("{lines} lines were dropped here: stderr was not read fast enough, or could not be written to"));
}

/// Waits until all queued lines are written, or `patience` is over.
pub(crate) fn settle(patience: Duration) {
    if let Some(lines) = &*STDERR {
        lines.settle(patience);
    }
}

/// Number of lines that were dropped, because the reader was too slow or stderr can't be written to.
pub(crate) fn dropped() -> u64 {
    STDERR.as_ref().map_or(0, |lines| lines.state().dropped)
}

/// A log's writer, which hands over whole lines.
pub(crate) struct LogLine;

impl Write for LogLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        say(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines on their way into a sink.
struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    /// Bytes in `waiting`.
    bytes: usize,
    is_writing: bool,
    dropped: u64,
    /// Number of dropped lines that were reported.
    told: u64,
}

impl Lines {
    /// Starts the thread, which ends with the process. It calls `over` with the number of dropped lines when the first
    /// line after them is written and none waits.
    fn start(sink: impl Write + Send + 'static, over: fn(u64)) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let lines = Self(Arc::clone(&shared));
        thread::Builder::new().name("stderr".to_owned()).spawn(move || shared.write(sink, over))?;
        Ok(lines)
    }

    fn push(&self, line: &[u8]) {
        let mut state = self.state();
        if state.bytes + line.len() > CAP {
            state.dropped += 1;
        } else {
            state.bytes += line.len();
            state.waiting.push_back(line.to_vec());
            self.0.changed.notify_all();
        }
    }

    fn settle(&self, patience: Duration) {
        let is_busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        drop(self.0.changed.wait_timeout_while(self.state(), patience, is_busy));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut sink: impl Write, over: fn(u64)) {
        let mut is_cut = false;
        loop {
            let written = write_whole(&mut sink, self.next(), &mut is_cut);
            let dropped = self.finish(written.is_ok());
            if dropped > 0 {
                over(dropped);
            }
        }
    }

    fn next(&self) -> Vec<u8> {
        let mut state = self.state();
        loop {
            if let Some(line) = state.waiting.pop_front() {
                state.bytes -= line.len();
                state.is_writing = true;
                return line;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes a line's outcome; returns the number of dropped lines to report now.
    fn finish(&self, is_written: bool) -> u64 {
        let mut state = self.state();
        state.is_writing = false;
        self.changed.notify_all();
        if !is_written {
            state.dropped += 1;
        } else if state.waiting.is_empty() {
            let dropped = state.dropped - state.told;
            state.told = state.dropped;
            return dropped;
        }
        0
    }
}

/// Writes a line in one write, so that a pipe takes it whole or not at all. If a disk took only a part of the previous
/// line, `is_cut`, that part is ended by a newline first.
fn write_whole(sink: &mut impl Write, mut line: Vec<u8>, is_cut: &mut bool) -> io::Result<()> {
    if *is_cut {
        line.insert(0, b'\n');
    }
    let mut written = 0;
    while let Some(rest) = line.get(written..).filter(|rest| !rest.is_empty()) {
        match sink.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                written += count;
                *is_cut = written < line.len();
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(BETWEEN_TRIES),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A sink that takes as many bytes as it is told.
    struct Sink {
        answers: Receiver<io::Result<usize>>,
        taken: Sender<Vec<u8>>,
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.answers.recv().unwrap_or(Ok(usize::MAX))?.min(bytes.len());
            self.taken.send(bytes[..count].to_vec()).unwrap();
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sink() -> (Sink, Sender<io::Result<usize>>, Receiver<Vec<u8>>) {
        let (answer, answers) = mpsc::channel();
        let (taken, took) = mpsc::channel();
        (Sink { answers, taken }, answer, took)
    }

    fn all(took: &Receiver<Vec<u8>>) -> String {
        String::from_utf8(took.try_iter().flatten().collect()).unwrap()
    }

    #[test]
    fn nobody_waits_for_a_reader_that_stalls_and_each_line_is_whole_or_counted() {
        let (sink, answer, took) = sink();
        let lines = Lines::start(sink, |_| {}).unwrap();
        let line = [&[b'x'; 99][..], b"\n"].concat();
        for _ in 0..10_000 {
            lines.push(&line);
        }
        lines.settle(Duration::from_millis(1));
        // One is being written while the others wait.
        let kept = 10_000 - usize::try_from(lines.state().dropped).unwrap();
        assert!((CAP / 100..=CAP / 100 + 1).contains(&kept), "{kept}");
        drop(answer);
        lines.settle(LONG);
        assert_eq!(all(&took), String::from_utf8(line).unwrap().repeat(kept));
    }

    #[test]
    fn what_was_dropped_is_told_once_when_it_is_over() {
        static TOLD: Mutex<Vec<u64>> = Mutex::new(Vec::new());
        let (sink, answer, took) = sink();
        let lines = Lines::start(sink, |dropped| TOLD.lock().unwrap().push(dropped)).unwrap();
        lines.push(&vec![b'x'; CAP + 1]);
        for error in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            answer.send(Err(error.into())).unwrap();
            lines.push(b"lost\n");
        }
        lines.settle(LONG);
        assert_eq!((lines.state().dropped, TOLD.lock().unwrap().len()), (3, 0));
        drop(answer);
        for _ in 0..2 {
            lines.push(b"written\n");
            lines.settle(LONG);
        }
        // It is reported after the line is written.
        while TOLD.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        assert_eq!((all(&took).as_str(), TOLD.lock().unwrap().as_slice()), ("written\nwritten\n", &[3][..]));
    }

    #[test]
    fn a_line_that_a_full_disk_has_cut_does_not_spoil_the_next_one() {
        let (sink, answer, took) = sink();
        let lines = Lines::start(sink, |_| {}).unwrap();
        for outcome in [Ok(3), Err(ErrorKind::StorageFull.into()), Err(ErrorKind::StorageFull.into())] {
            answer.send(outcome).unwrap();
        }
        for line in ["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\":3}\n"] {
            lines.push(line.as_bytes());
        }
        drop(answer);
        lines.settle(LONG);
        assert_eq!((all(&took).as_str(), lines.state().dropped), ("{\"a\n{\"c\":3}\n", 2));
    }

    #[test]
    fn a_stream_that_is_non_blocking_loses_nothing() {
        let (sink, answer, took) = sink();
        let lines = Lines::start(sink, |_| {}).unwrap();
        for outcome in [Ok(3), Err(ErrorKind::WouldBlock.into()), Err(ErrorKind::Interrupted.into())] {
            answer.send(outcome).unwrap();
        }
        drop(answer);
        lines.push(b"a whole line\n");
        lines.settle(LONG);
        assert_eq!((all(&took).as_str(), lines.state().dropped), ("a whole line\n", 0));
    }
}
