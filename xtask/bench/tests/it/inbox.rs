//! `bench inbox`: every receiver is measured, and acknowledges every push.

use anyhow::Result;

use crate::bench;

#[test]
fn every_receiver_is_measured_beside_the_bare_one() -> Result<()> {
    let output = bench(&["inbox", "--rounds", "1", "--pushes", "1024", "--grown", "1000", "--no-postgres"])?;
    let printed = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["bare receiver", "weifen, SQLite", "SQLite, one transaction a push", "weifen, SQLite, grown"] {
        let lines: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix(&format!("{name:38}"))).collect();
        assert_eq!(lines.len(), 2, "{name}: with 64 and with 512 connections");
        for line in lines {
            let figures: Vec<f64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
            assert!(matches!(figures[..], [rate, _, _, ..] if rate > 0.0), "{name}: {figures:?}");
        }
    }
    Ok(())
}

#[test]
fn the_plot_has_a_line_over_each_size() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("plot.svg");
    let arguments = ["inbox", "--rounds", "1", "--pushes", "512", "--grown", "11000", "--no-postgres", "--plot"];
    let output = bench(&[&arguments[..], &[&file.display().to_string()]].concat())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let drawn = std::fs::read_to_string(file)?;
    assert_eq!(drawn.matches("<polyline").count(), 1, "{drawn}");
    for text in ["10 thousand", "11 thousand", "weifen, SQLite, grown"] {
        assert!(drawn.contains(text), "{text}: {drawn}");
    }
    Ok(())
}
