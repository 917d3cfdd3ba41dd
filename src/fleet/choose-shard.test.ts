import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../system/environment.ts';
import { chooseShard } from './choose-shard.ts';

const nothing = { shard: null, shards: null };

describe('schedulers say which part a job is', () => {
  test.each([
    ['Kubernetes counts from 0', { JOB_COMPLETION_INDEX: '0' }, 4, 1],
    ['the last one of Kubernetes', { JOB_COMPLETION_INDEX: '3' }, 4, 4],
    ['GitLab counts from 1', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '4' }, null, 1],
    ['the last one of GitLab', { CI_NODE_INDEX: '4', CI_NODE_TOTAL: '4' }, null, 4],
    ['AWS Batch counts from 0', { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '4' }, null, 1],
    ['AWS Batch without a size', { AWS_BATCH_JOB_ARRAY_INDEX: '3' }, 4, 4],
    ['CircleCI counts from 0', { CIRCLE_NODE_INDEX: '2', CIRCLE_NODE_TOTAL: '4' }, null, 3],
    ['Buildkite counts from 0', { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '4' }, 4, 2],
  ])('%s', (_, variables, shards, index) => {
    const { scheduler } = readEnvironment(variables);
    expect(chooseShard({ shard: null, shards }, scheduler)).toEqual({ index, total: 4 });
  });

  test('a matrix value is a flag, and outweighs them', () => {
    expect(chooseShard({ shard: '2/4', shards: null }, { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3' })).toEqual({
      index: 2,
      total: 4,
    });
  });

  test('GitLab says a total of 1 where a job is not parallel: it is the whole plan', () => {
    expect(chooseShard(nothing, readEnvironment({ CI_NODE_TOTAL: '1' }).scheduler)).toBeNull();
  });
});

describe('what makes no sense is refused, and says why', () => {
  test.each([
    ['0/4', {}, null, /counts from 1: 0\/4 is none. The first part is 1\/4/],
    ['5/4', {}, null, /there is no part 5 of 4/],
    ['1/0', {}, null, /1 to 10000 parts, not 0/],
    ['2', {}, null, /like 2\/4, not "2"/],
    ['-1/4', {}, null, /like 2\/4/],
    ['1/4 ', {}, null, /like 2\/4/],
    ['1/1e3', {}, null, /like 2\/4/],
    ['1/4', {}, 5, /there are 4 parts, and --shards says 5/],
    [null, { JOB_COMPLETION_INDEX: '1' }, null, /JOB_COMPLETION_INDEX \(Kubernetes\) .* add --shards N/],
    [
      null,
      { JOB_COMPLETION_INDEX: '4' },
      4,
      /JOB_COMPLETION_INDEX is 4, counted from 0 \(Kubernetes\): there is no part 5 of 4/,
    ],
    [
      null,
      { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '4' },
      null,
      /CI_NODE_INDEX is 0, counted from 1 \(GitLab\): there is no part 0/,
    ],
    [null, { CI_NODE_INDEX: 'x', CI_NODE_TOTAL: '4' }, null, /CI_NODE_INDEX is "x"/],
    [
      null,
      { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '4' },
      5,
      /CI_NODE_TOTAL says that there are 4 parts, and --shards says 5/,
    ],
    [null, { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '4', JOB_COMPLETION_INDEX: '1' }, 4, /both say which part this is/],
    [null, {}, 4, /nothing says which one this is: --shard 1\/4/],
  ])('--shard %s with %j and --shards %s', (shard, variables, shards, message) => {
    expect(() => chooseShard({ shard, shards }, variables as Record<string, string>)).toThrow(message);
  });
});
