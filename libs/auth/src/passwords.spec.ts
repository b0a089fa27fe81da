import { Passwords } from './passwords.js';

describe('Passwords', () => {
  const passwords = new Passwords();

  it('accepts the password that was hashed and no other', async () => {
    const stored = await passwords.hash('correct horse');

    expect(await passwords.verify(stored, 'correct horse')).toBe(true);
    expect(await passwords.verify(stored, 'correct horsf')).toBe(false);
    expect(await passwords.verify(stored, '')).toBe(false);
  });

  it('hashes with argon2id at the floor that OWASP recommends, and a salt of its own each time', async () => {
    const [one, other] = await Promise.all([passwords.hash('same'), passwords.hash('same')]);

    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it('takes an accented letter for the same, however the keyboard spells it', async () => {
    const stored = await passwords.hash('caf\u00e9-au-lait');

    expect(await passwords.verify(stored, 'cafe\u0301-au-lait')).toBe(true);
  });

  it('does the same work for an account that does not exist, and says no', async () => {
    const stored = await passwords.hash('anything');
    const cost = async (hash?: string) => {
      const before = process.cpuUsage();
      expect(await passwords.verify(hash, 'wrong password')).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const costs = { stored: [] as number[], missing: [] as number[] };
    for (let i = 0; i < 8; i++) {
      costs.stored.push(await cost(stored));
      costs.missing.push(await cost(undefined));
    }

    // The least of each: whatever else this process did meanwhile only adds. A hash that could not be decoded would cost a thousandth.
    expect(Math.min(...costs.missing)).toBeGreaterThan(Math.min(...costs.stored) / 2);
  });

  it('throws for something stored that is not a hash, instead of calling every password wrong', async () => {
    await expect(passwords.verify('not a hash', 'x')).rejects.toThrow();
  });
});
