//! What the previous release says to the table is still understood after the migrations: `helm rollback` turns the
//! program back, never the schema. The release before the first is the Node.js application.

use super::Old;

#[test]
fn the_statements_of_the_old_application_still_work() {
    let Some(old) = Old::of("utf8mb4") else {
        return;
    };
    old.migrate();
    let database = &old.database;
    let ids = |sql: &str| database.column(&format!("SELECT CAST(id AS CHAR) FROM ({sql}) AS old"));
    assert_eq!(ids("SELECT * FROM transactions").len(), 1946);
    database.execute(
        "INSERT INTO `transactions` (`amount`, `description`) VALUES ('100','Groceries 🍣')",
    );
    let added = "SELECT * FROM transactions WHERE description = 'Groceries 🍣'";
    assert_eq!(ids(added), [Some("2500".to_owned())]);
    assert_eq!(
        database.column("SELECT CAST(amount AS CHAR) FROM transactions WHERE id = 2500"),
        [Some("100.00".to_owned())]
    );
    assert_eq!(ids("SELECT * FROM transactions WHERE id = 2500").len(), 1);
    database.execute("DELETE FROM transactions WHERE id = 2500");
    assert_eq!(ids("SELECT * FROM transactions").len(), 1946);
    database.execute("DELETE FROM transactions");
    database.execute("INSERT INTO `transactions` (`amount`, `description`) VALUES ('1','next')");
    assert_eq!(
        ids("SELECT * FROM transactions"),
        [Some("2501".to_owned())],
        "ids are not given twice"
    );
}
