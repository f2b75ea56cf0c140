//! What was checked and how it ended.

use anyhow::bail;

/// Prints each line as it comes, and adds them up.
#[derive(Default)]
pub(super) struct Report {
    passed: usize,
    failed: usize,
    left_out: Vec<String>,
}

impl Report {
    /// Passed where there is no finding.
    pub(super) fn findings(&mut self, name: &str, findings: &[String]) {
        if findings.is_empty() {
            self.passed += 1;
            println!("ok    {name}");
            return;
        }
        self.failed += 1;
        println!("FAIL  {name}");
        for finding in findings {
            println!("      {}", finding.replace('\n', "\n      "));
        }
    }

    pub(super) fn result(&mut self, name: &str, result: anyhow::Result<()>) {
        match result {
            Ok(()) => self.findings(name, &[]),
            Err(error) => self.findings(name, &[format!("{error:#}")]),
        }
    }

    /// Never counted as passed.
    pub(super) fn left_out(&mut self, name: &str, why: &str) {
        println!("left out  {name}: {why}");
        self.left_out.push(name.to_owned());
    }

    pub(super) fn finish(&self) -> anyhow::Result<()> {
        if !self.left_out.is_empty() {
            println!("left out: {}", self.left_out.join(", "));
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 {
            bail!("not all checks passed");
        }
        Ok(())
    }
}
