//! `bench token`: every way to read is measured, and none allocates.

use anyhow::Result;

use crate::bench;

#[test]
fn every_way_to_read_is_measured_and_takes_no_memory() -> Result<()> {
    let output = bench(&["token", "--rounds", "1", "--reads", "100"])?;
    let printed = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["arc-swap load ", "TokenManager::cached ", "TokenManager::current "] {
        let figures = printed.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        let figures: Vec<f64> = figures.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        assert!(matches!(figures[..], [nanoseconds, _, 0.0] if nanoseconds > 0.0), "{name}: {figures:?}");
    }
    Ok(())
}
