import EventLog
import Testing

@Suite struct KeyPartitionerTests {
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)])
    func hashesAsKafkaDoes(key: String, hash: Int32) {
        #expect(KeyPartitioner.murmur2(Array(key.utf8)) == hash)
    }

    @Test func everyKeyHasAPartition() {
        for count in [1, 2, 3, 7, 1024] {
            for number in 0..<100 {
                let key = [UInt8](repeating: UInt8(number), count: number % 9)
                #expect((0..<count).contains(KeyPartitioner.partition(ofKey: key, count: count)))
            }
        }
    }
}
