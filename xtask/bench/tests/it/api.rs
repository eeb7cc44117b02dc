//! `bench api`: every contestant is measured, and every request is answered.

use anyhow::Result;

use crate::bench;

#[test]
fn safe_calls_and_journaled_writes_are_measured_beside_the_bare_proxy() -> Result<()> {
    let output = bench(&["api", "--rounds", "1", "--requests", "128"])?;
    let printed = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["bare proxy, a user", "API, a user", "API, an order report"] {
        let figures = printed.lines().find_map(|line| line.strip_prefix(&format!("{name:38}"))).expect(name);
        let figures: Vec<f64> = figures.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        assert!(matches!(figures[..], [rate, _, _, ..] if rate > 0.0), "{name}: {figures:?}");
    }
    assert!(printed.contains("\nAPI, an order report: "), "{printed}");
    Ok(())
}
