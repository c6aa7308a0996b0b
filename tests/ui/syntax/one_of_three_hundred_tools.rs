struct Library;

#[mcp::server]
impl Library {
    /// Read the shelf of number 0.
    #[mcp::tool]
    fn shelf_0(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 1.
    #[mcp::tool]
    fn shelf_1(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 2.
    #[mcp::tool]
    fn shelf_2(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 3.
    #[mcp::tool]
    fn shelf_3(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 4.
    #[mcp::tool]
    fn shelf_4(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 5.
    #[mcp::tool]
    fn shelf_5(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 6.
    #[mcp::tool]
    fn shelf_6(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 7.
    #[mcp::tool]
    fn shelf_7(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 8.
    #[mcp::tool]
    fn shelf_8(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 9.
    #[mcp::tool]
    fn shelf_9(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 10.
    #[mcp::tool]
    fn shelf_10(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 11.
    #[mcp::tool]
    fn shelf_11(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 12.
    #[mcp::tool]
    fn shelf_12(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 13.
    #[mcp::tool]
    fn shelf_13(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 14.
    #[mcp::tool]
    fn shelf_14(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 15.
    #[mcp::tool]
    fn shelf_15(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 16.
    #[mcp::tool]
    fn shelf_16(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 17.
    #[mcp::tool]
    fn shelf_17(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 18.
    #[mcp::tool]
    fn shelf_18(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 19.
    #[mcp::tool]
    fn shelf_19(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 20.
    #[mcp::tool]
    fn shelf_20(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 21.
    #[mcp::tool]
    fn shelf_21(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 22.
    #[mcp::tool]
    fn shelf_22(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 23.
    #[mcp::tool]
    fn shelf_23(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 24.
    #[mcp::tool]
    fn shelf_24(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 25.
    #[mcp::tool]
    fn shelf_25(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 26.
    #[mcp::tool]
    fn shelf_26(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 27.
    #[mcp::tool]
    fn shelf_27(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 28.
    #[mcp::tool]
    fn shelf_28(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 29.
    #[mcp::tool]
    fn shelf_29(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 30.
    #[mcp::tool]
    fn shelf_30(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 31.
    #[mcp::tool]
    fn shelf_31(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 32.
    #[mcp::tool]
    fn shelf_32(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 33.
    #[mcp::tool]
    fn shelf_33(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 34.
    #[mcp::tool]
    fn shelf_34(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 35.
    #[mcp::tool]
    fn shelf_35(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 36.
    #[mcp::tool]
    fn shelf_36(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 37.
    #[mcp::tool]
    fn shelf_37(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 38.
    #[mcp::tool]
    fn shelf_38(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 39.
    #[mcp::tool]
    fn shelf_39(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 40.
    #[mcp::tool]
    fn shelf_40(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 41.
    #[mcp::tool]
    fn shelf_41(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 42.
    #[mcp::tool]
    fn shelf_42(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 43.
    #[mcp::tool]
    fn shelf_43(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 44.
    #[mcp::tool]
    fn shelf_44(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 45.
    #[mcp::tool]
    fn shelf_45(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 46.
    #[mcp::tool]
    fn shelf_46(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 47.
    #[mcp::tool]
    fn shelf_47(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 48.
    #[mcp::tool]
    fn shelf_48(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 49.
    #[mcp::tool]
    fn shelf_49(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 50.
    #[mcp::tool]
    fn shelf_50(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 51.
    #[mcp::tool]
    fn shelf_51(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 52.
    #[mcp::tool]
    fn shelf_52(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 53.
    #[mcp::tool]
    fn shelf_53(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 54.
    #[mcp::tool]
    fn shelf_54(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 55.
    #[mcp::tool]
    fn shelf_55(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 56.
    #[mcp::tool]
    fn shelf_56(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 57.
    #[mcp::tool]
    fn shelf_57(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 58.
    #[mcp::tool]
    fn shelf_58(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 59.
    #[mcp::tool]
    fn shelf_59(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 60.
    #[mcp::tool]
    fn shelf_60(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 61.
    #[mcp::tool]
    fn shelf_61(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 62.
    #[mcp::tool]
    fn shelf_62(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 63.
    #[mcp::tool]
    fn shelf_63(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 64.
    #[mcp::tool]
    fn shelf_64(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 65.
    #[mcp::tool]
    fn shelf_65(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 66.
    #[mcp::tool]
    fn shelf_66(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 67.
    #[mcp::tool]
    fn shelf_67(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 68.
    #[mcp::tool]
    fn shelf_68(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 69.
    #[mcp::tool]
    fn shelf_69(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 70.
    #[mcp::tool]
    fn shelf_70(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 71.
    #[mcp::tool]
    fn shelf_71(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 72.
    #[mcp::tool]
    fn shelf_72(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 73.
    #[mcp::tool]
    fn shelf_73(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 74.
    #[mcp::tool]
    fn shelf_74(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 75.
    #[mcp::tool]
    fn shelf_75(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 76.
    #[mcp::tool]
    fn shelf_76(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 77.
    #[mcp::tool]
    fn shelf_77(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 78.
    #[mcp::tool]
    fn shelf_78(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 79.
    #[mcp::tool]
    fn shelf_79(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 80.
    #[mcp::tool]
    fn shelf_80(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 81.
    #[mcp::tool]
    fn shelf_81(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 82.
    #[mcp::tool]
    fn shelf_82(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 83.
    #[mcp::tool]
    fn shelf_83(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 84.
    #[mcp::tool]
    fn shelf_84(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 85.
    #[mcp::tool]
    fn shelf_85(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 86.
    #[mcp::tool]
    fn shelf_86(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 87.
    #[mcp::tool]
    fn shelf_87(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 88.
    #[mcp::tool]
    fn shelf_88(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 89.
    #[mcp::tool]
    fn shelf_89(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 90.
    #[mcp::tool]
    fn shelf_90(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 91.
    #[mcp::tool]
    fn shelf_91(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 92.
    #[mcp::tool]
    fn shelf_92(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 93.
    #[mcp::tool]
    fn shelf_93(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 94.
    #[mcp::tool]
    fn shelf_94(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 95.
    #[mcp::tool]
    fn shelf_95(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 96.
    #[mcp::tool]
    fn shelf_96(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 97.
    #[mcp::tool]
    fn shelf_97(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 98.
    #[mcp::tool]
    fn shelf_98(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 99.
    #[mcp::tool]
    fn shelf_99(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 100.
    #[mcp::tool]
    fn shelf_100(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 101.
    #[mcp::tool]
    fn shelf_101(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 102.
    #[mcp::tool]
    fn shelf_102(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 103.
    #[mcp::tool]
    fn shelf_103(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 104.
    #[mcp::tool]
    fn shelf_104(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 105.
    #[mcp::tool]
    fn shelf_105(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 106.
    #[mcp::tool]
    fn shelf_106(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 107.
    #[mcp::tool]
    fn shelf_107(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 108.
    #[mcp::tool]
    fn shelf_108(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 109.
    #[mcp::tool]
    fn shelf_109(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 110.
    #[mcp::tool]
    fn shelf_110(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 111.
    #[mcp::tool]
    fn shelf_111(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 112.
    #[mcp::tool]
    fn shelf_112(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 113.
    #[mcp::tool]
    fn shelf_113(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 114.
    #[mcp::tool]
    fn shelf_114(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 115.
    #[mcp::tool]
    fn shelf_115(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 116.
    #[mcp::tool]
    fn shelf_116(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 117.
    #[mcp::tool]
    fn shelf_117(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 118.
    #[mcp::tool]
    fn shelf_118(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 119.
    #[mcp::tool]
    fn shelf_119(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 120.
    #[mcp::tool]
    fn shelf_120(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 121.
    #[mcp::tool]
    fn shelf_121(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 122.
    #[mcp::tool]
    fn shelf_122(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 123.
    #[mcp::tool]
    fn shelf_123(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 124.
    #[mcp::tool]
    fn shelf_124(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 125.
    #[mcp::tool]
    fn shelf_125(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 126.
    #[mcp::tool]
    fn shelf_126(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 127.
    #[mcp::tool]
    fn shelf_127(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 128.
    #[mcp::tool]
    fn shelf_128(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 129.
    #[mcp::tool]
    fn shelf_129(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 130.
    #[mcp::tool]
    fn shelf_130(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 131.
    #[mcp::tool]
    fn shelf_131(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 132.
    #[mcp::tool]
    fn shelf_132(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 133.
    #[mcp::tool]
    fn shelf_133(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 134.
    #[mcp::tool]
    fn shelf_134(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 135.
    #[mcp::tool]
    fn shelf_135(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 136.
    #[mcp::tool]
    fn shelf_136(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 137.
    #[mcp::tool]
    fn shelf_137(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 138.
    #[mcp::tool]
    fn shelf_138(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 139.
    #[mcp::tool]
    fn shelf_139(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 140.
    #[mcp::tool]
    fn shelf_140(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 141.
    #[mcp::tool]
    fn shelf_141(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 142.
    #[mcp::tool]
    fn shelf_142(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 143.
    #[mcp::tool]
    fn shelf_143(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 144.
    #[mcp::tool]
    fn shelf_144(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 145.
    #[mcp::tool]
    fn shelf_145(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 146.
    #[mcp::tool]
    fn shelf_146(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 147.
    #[mcp::tool]
    fn shelf_147(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 148.
    #[mcp::tool]
    fn shelf_148(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 149.
    #[mcp::tool]
    fn shelf_149(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 150.
    #[mcp::tool]
    fn shelf_150(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 151.
    #[mcp::tool]
    fn shelf_151(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 152.
    #[mcp::tool]
    fn shelf_152(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 153.
    #[mcp::tool]
    fn shelf_153(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 154.
    #[mcp::tool]
    fn shelf_154(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 155.
    #[mcp::tool]
    fn shelf_155(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 156.
    #[mcp::tool]
    fn shelf_156(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 157.
    #[mcp::tool]
    fn shelf_157(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 158.
    #[mcp::tool]
    fn shelf_158(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 159.
    #[mcp::tool]
    fn shelf_159(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 160.
    #[mcp::tool]
    fn shelf_160(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 161.
    #[mcp::tool]
    fn shelf_161(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 162.
    #[mcp::tool]
    fn shelf_162(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 163.
    #[mcp::tool]
    fn shelf_163(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 164.
    #[mcp::tool]
    fn shelf_164(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 165.
    #[mcp::tool]
    fn shelf_165(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 166.
    #[mcp::tool]
    fn shelf_166(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 167.
    #[mcp::tool]
    fn shelf_167(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 168.
    #[mcp::tool]
    fn shelf_168(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 169.
    #[mcp::tool]
    fn shelf_169(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 170.
    #[mcp::tool]
    fn shelf_170(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 171.
    #[mcp::tool]
    fn shelf_171(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 172.
    #[mcp::tool]
    fn shelf_172(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 173.
    #[mcp::tool]
    fn shelf_173(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 174.
    #[mcp::tool]
    fn shelf_174(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 175.
    #[mcp::tool]
    fn shelf_175(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 176.
    #[mcp::tool]
    fn shelf_176(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 177.
    #[mcp::tool]
    fn shelf_177(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 178.
    #[mcp::tool]
    fn shelf_178(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 179.
    #[mcp::tool]
    fn shelf_179(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 180.
    #[mcp::tool]
    fn shelf_180(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 181.
    #[mcp::tool]
    fn shelf_181(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 182.
    #[mcp::tool]
    fn shelf_182(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 183.
    #[mcp::tool]
    fn shelf_183(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 184.
    #[mcp::tool]
    fn shelf_184(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 185.
    #[mcp::tool]
    fn shelf_185(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 186.
    #[mcp::tool]
    fn shelf_186(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 187.
    #[mcp::tool]
    fn shelf_187(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 188.
    #[mcp::tool]
    fn shelf_188(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 189.
    #[mcp::tool]
    fn shelf_189(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 190.
    #[mcp::tool]
    fn shelf_190(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 191.
    #[mcp::tool]
    fn shelf_191(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 192.
    #[mcp::tool]
    fn shelf_192(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 193.
    #[mcp::tool]
    fn shelf_193(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 194.
    #[mcp::tool]
    fn shelf_194(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 195.
    #[mcp::tool]
    fn shelf_195(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 196.
    #[mcp::tool]
    fn shelf_196(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 197.
    #[mcp::tool]
    fn shelf_197(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 198.
    #[mcp::tool]
    fn shelf_198(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 199.
    #[mcp::tool]
    fn shelf_199(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 200.
    #[mcp::tool]
    fn shelf_200(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 201.
    #[mcp::tool]
    fn shelf_201(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 202.
    #[mcp::tool]
    fn shelf_202(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 203.
    #[mcp::tool]
    fn shelf_203(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 204.
    #[mcp::tool]
    fn shelf_204(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 205.
    #[mcp::tool]
    fn shelf_205(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 206.
    #[mcp::tool]
    fn shelf_206(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 207.
    #[mcp::tool]
    fn shelf_207(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 208.
    #[mcp::tool]
    fn shelf_208(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 209.
    #[mcp::tool]
    fn shelf_209(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 210.
    #[mcp::tool]
    fn shelf_210(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 211.
    #[mcp::tool]
    fn shelf_211(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 212.
    #[mcp::tool]
    fn shelf_212(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 213.
    #[mcp::tool]
    fn shelf_213(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 214.
    #[mcp::tool]
    fn shelf_214(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 215.
    #[mcp::tool]
    fn shelf_215(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 216.
    #[mcp::tool]
    fn shelf_216(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 217.
    #[mcp::tool]
    fn shelf_217(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 218.
    #[mcp::tool]
    fn shelf_218(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 219.
    #[mcp::tool]
    fn shelf_219(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 220.
    #[mcp::tool]
    fn shelf_220(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 221.
    #[mcp::tool]
    fn shelf_221(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 222.
    #[mcp::tool]
    fn shelf_222(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 223.
    #[mcp::tool]
    fn shelf_223(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 224.
    #[mcp::tool]
    fn shelf_224(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 225.
    #[mcp::tool]
    fn shelf_225(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 226.
    #[mcp::tool]
    fn shelf_226(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 227.
    #[mcp::tool]
    fn shelf_227(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 228.
    #[mcp::tool]
    fn shelf_228(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 229.
    #[mcp::tool]
    fn shelf_229(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 230.
    #[mcp::tool]
    fn shelf_230(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 231.
    #[mcp::tool]
    fn shelf_231(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 232.
    #[mcp::tool]
    fn shelf_232(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 233.
    #[mcp::tool]
    fn shelf_233(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 234.
    #[mcp::tool]
    fn shelf_234(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 235.
    #[mcp::tool]
    fn shelf_235(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 236.
    #[mcp::tool]
    fn shelf_236(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 237.
    #[mcp::tool]
    fn shelf_237(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 238.
    #[mcp::tool]
    fn shelf_238(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 239.
    #[mcp::tool]
    fn shelf_239(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 240.
    #[mcp::tool]
    fn shelf_240(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 241.
    #[mcp::tool]
    fn shelf_241(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 242.
    #[mcp::tool]
    fn shelf_242(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 243.
    #[mcp::tool]
    fn shelf_243(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 244.
    #[mcp::tool]
    fn shelf_244(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 245.
    #[mcp::tool]
    fn shelf_245(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 246.
    #[mcp::tool]
    fn shelf_246(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 247.
    #[mcp::tool]
    fn shelf_247(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 248.
    #[mcp::tool]
    fn shelf_248(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 249.
    #[mcp::tool]
    fn shelf_249(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 250.
    #[mcp::tool]
    fn shelf_250(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 251.
    #[mcp::tool]
    fn shelf_251(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 252.
    #[mcp::tool]
    fn shelf_252(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 253.
    #[mcp::tool]
    fn shelf_253(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 254.
    #[mcp::tool]
    fn shelf_254(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 255.
    #[mcp::tool]
    fn shelf_255(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 256.
    #[mcp::tool]
    fn shelf_256(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 257.
    #[mcp::tool]
    fn shelf_257(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 258.
    #[mcp::tool]
    fn shelf_258(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 259.
    #[mcp::tool]
    fn shelf_259(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 260.
    #[mcp::tool]
    fn shelf_260(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 261.
    #[mcp::tool]
    fn shelf_261(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 262.
    #[mcp::tool]
    fn shelf_262(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 263.
    #[mcp::tool]
    fn shelf_263(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 264.
    #[mcp::tool]
    fn shelf_264(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 265.
    #[mcp::tool]
    fn shelf_265(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 266.
    #[mcp::tool]
    fn shelf_266(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 267.
    #[mcp::tool]
    fn shelf_267(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 268.
    #[mcp::tool]
    fn shelf_268(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 269.
    #[mcp::tool]
    fn shelf_269(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 270.
    #[mcp::tool]
    fn shelf_270(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 271.
    #[mcp::tool]
    fn shelf_271(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 272.
    #[mcp::tool]
    fn shelf_272(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 273.
    #[mcp::tool]
    fn shelf_273(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 274.
    #[mcp::tool]
    fn shelf_274(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 275.
    #[mcp::tool]
    fn shelf_275(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 276.
    #[mcp::tool]
    fn shelf_276(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 277.
    #[mcp::tool]
    fn shelf_277(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 278.
    #[mcp::tool]
    fn shelf_278(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 279.
    #[mcp::tool]
    fn shelf_279(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 280.
    #[mcp::tool]
    fn shelf_280(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 281.
    #[mcp::tool]
    fn shelf_281(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 282.
    #[mcp::tool]
    fn shelf_282(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 283.
    #[mcp::tool]
    fn shelf_283(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 284.
    #[mcp::tool]
    fn shelf_284(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 285.
    #[mcp::tool]
    fn shelf_285(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 286.
    #[mcp::tool]
    fn shelf_286(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 287.
    #[mcp::tool]
    fn shelf_287(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 288.
    #[mcp::tool]
    fn shelf_288(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 289.
    #[mcp::tool]
    fn shelf_289(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 290.
    #[mcp::tool]
    fn shelf_290(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 291.
    #[mcp::tool]
    fn shelf_291(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 292.
    #[mcp::tool]
    fn shelf_292(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 293.
    #[mcp::tool]
    fn shelf_293(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 294.
    #[mcp::tool]
    fn shelf_294(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 295.
    #[mcp::tool]
    fn shelf_295(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 296.
    #[mcp::tool]
    fn shelf_296(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 297.
    #[mcp::tool]
    fn shelf_297(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 298.
    #[mcp::tool]
    fn shelf_298(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Read the shelf of number 299.
    #[mcp::tool]
    fn shelf_299(&self, #[arg(default = 1)] page: u8) -> u8 {
        page
    }

    /// Borrow a book.
    #[mcp::tool]
    async fn borrow(&self, te) -> String {
        String::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Library);
    drop(Library.shelf_299(1));
}
