// Writes rows in concurrent transactions and prints the id of each one that was acknowledged, until it is killed.
const { EntitySchema, Table } = require('typeorm');
const { openDatabase } = require('../../dist/libs/database/src/index.js');

const Row = new EntitySchema({
  name: 'rows',
  columns: { id: { type: 'varchar', length: 36, primary: true }, twin: { type: 'boolean' } },
});
class Rows1700000000010 {
  async up(runner) {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'twin', type: 'boolean' },
    ];
    await runner.createTable(new Table({ name: 'rows', columns }), true);
  }
  async down() {}
}

exports.open = (dataDir) => openDatabase({ name: 'faults', dataDir, entities: [Row], migrations: [Rows1700000000010] });

async function main(dataDir) {
  const database = await exports.open(dataDir);
  let next = 0;
  const loop = async () => {
    for (;;) {
      const id = `${process.pid}-${next++}`;
      await database.transaction(async () => {
        await database.manager.insert('rows', { id, twin: false });
        await database.manager.insert('rows', { id: `${id}-twin`, twin: true });
      });
      process.stdout.write(`${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
}
if (require.main === module) void main(process.argv[2]);
