//! The program's arguments.

use anyhow::Result;

use crate::bench;

#[test]
fn no_bench_is_answered_with_what_each_measures() -> Result<()> {
    let output = bench(&[])?;
    assert_eq!(output.status.code(), Some(2));
    let printed = String::from_utf8(output.stderr)?;
    assert!(printed.contains("call   Calls per second") && printed.contains("token  Nanoseconds"), "{printed}");
    Ok(())
}

#[test]
fn a_turn_that_would_never_end_is_refused() -> Result<()> {
    for seconds in ["0", "-1", "NaN", "1e9", "soon"] {
        let output = bench(&["call", &format!("--seconds={seconds}")])?;
        assert_eq!(output.status.code(), Some(2), "{seconds}");
        assert!(String::from_utf8(output.stderr)?.contains("between 0.01 and 60"), "{seconds}");
    }
    Ok(())
}
