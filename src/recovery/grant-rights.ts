import type pg from 'pg';

/**
 * Grants and revokes, all or nothing of each object. What the role of the session may not do is left as it is: who compares
 * afterwards sees it.
 * @param objects the statements for each
 */
export async function grantRights(client: pg.Client, objects: string[][]): Promise<void> {
  await client.query('begin');
  for (const statements of objects) {
    await client.query('savepoint one_object');
    try {
      for (const statement of statements) await client.query(statement);
      await client.query('release savepoint one_object');
    } catch (error) {
      // Without the connection, this fails as well.
      await client.query('rollback to savepoint one_object').catch(() => {
        throw error;
      });
    }
  }
  await client.query('commit');
}
