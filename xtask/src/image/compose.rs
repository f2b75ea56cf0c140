pub(super) fn check() -> anyhow::Result<()> {
    Ok(())
}
